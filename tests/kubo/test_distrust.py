"""A Kubo that lies, fails late or is somebody else is caught, and nothing of it is believed."""

import json
from collections.abc import Callable
from contextlib import closing

import pytest

from node_bridge import (
    MAX_BLOCK,
    BadPath,
    Corrupt,
    EngineDown,
    NodeError,
    NotFound,
    OverQuota,
    car,
)
from node_bridge import cid as cids
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import MAX_LINE, Patience, Rpc
from node_bridge.local import KNOWN
from tests.kubo.speaking import chunked, speaking

LEAF = b"the bytes of a leaf"
NAME = str(cids.of(LEAF))
HERE = chunked(json.dumps({"Key": NAME, "Size": len(LEAF)}).encode())

Ask = Callable[[KuboEngine], object]


def refused(message: str, status: bytes = b"500 Internal Server Error") -> bytes:
    body = json.dumps({"Message": message, "Code": 0, "Type": "error"}).encode()
    return chunked(body, status=status)


def asked(answers: list[bytes], ask: Ask, *, token: str = "") -> list[bytes]:
    """What a Kubo with these answers was asked; what `ask` raises comes out."""
    with speaking(*answers) as server, closing(Rpc(server.url, token=token)) as rpc:
        ask(KuboEngine(rpc))
        return server.asked


@pytest.mark.parametrize(
    "block",
    [b"other bytes", LEAF[:-1], LEAF + b"!", b"", bytes(MAX_BLOCK + 1)],
    ids=["other", "shorter", "longer", "nothing", "huge"],
)
def test_bytes_that_are_not_the_block_are_never_handed_out(block: bytes) -> None:
    with pytest.raises(Corrupt):
        asked([chunked(block)], lambda engine: engine.get_block(NAME))
    with pytest.raises(Corrupt):
        asked([HERE, chunked(block)], lambda engine: b"".join(engine.cat(NAME)))


def test_a_size_that_is_not_so_serves_nothing() -> None:
    lie = chunked(json.dumps({"Key": NAME, "Size": 5}).encode())
    with pytest.raises(NodeError):
        asked([lie, chunked(LEAF)], lambda engine: b"".join(engine.cat(NAME)))


def test_a_stream_that_failed_late_is_a_failure() -> None:
    late = chunked(LEAF, trailer=b"X-Stream-Error: context canceled\r\n")
    with pytest.raises(EngineDown, match="context canceled"):
        asked([late], lambda engine: engine.get_block(NAME))
    pins = chunked(b'{"Cid":"x","Type":"recursive"}\n', trailer=b"X-Stream-Error: db closed\r\n")
    with pytest.raises(EngineDown, match="db closed"):
        asked([pins], lambda engine: list(engine.pins()))


def test_an_import_is_believed_only_whole() -> None:
    absent = refused(f"ipld: could not find {NAME}")
    for said in (b'{"Stats":{"BlockCount":0}}\n', b"", b'{"Root":{}}\n', b'{"Stats":{"x":1}}\n'):
        with pytest.raises(EngineDown):
            asked([absent, chunked(said)], lambda engine: engine.add([LEAF]))
    late = chunked(b'{"Stats":{"BlockCount":1}}\n', trailer=b"X-Stream-Error: no space left\r\n")
    with pytest.raises(OverQuota):
        asked([absent, late], lambda engine: engine.add([LEAF]))


def test_a_kubo_of_another_profile_does_not_pass_the_self_test() -> None:
    older = chunked(b'{"Name":"file","Hash":"QmYXnDwzUPDNYctVqGeBvQrwTSGJmpgJUQ5S2mhK3BFxnc"}\n')
    for answer in (older, chunked(b"")):
        with pytest.raises(EngineDown, match="profile"):
            asked([answer], lambda engine: engine.selftest())
    asked([chunked(b'{"Hash":"%b"}\n' % KNOWN.encode())], lambda engine: engine.selftest())


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (refused("block was not found locally (offline): ipld: could not find x"), NotFound),
        (refused("context deadline exceeded"), NotFound),
        (refused("write /blocks/x: no space left on device"), OverQuota),
        (refused("pin name is 300 bytes (max 255 bytes)"), BadPath),
        (refused("something else"), EngineDown),
        (refused("no", b"403 Forbidden"), EngineDown),
        (chunked(b"404 page not found", status=b"404 Not Found"), EngineDown),
        (chunked(b"<html>", status=b"502 Bad Gateway"), EngineDown),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n",
            EngineDown,
        ),
    ],
)
def test_refusals_have_names(answer: bytes, refusal: type[NodeError]) -> None:
    with pytest.raises(refusal):
        asked([answer], lambda engine: engine.get_block(NAME))


@pytest.mark.parametrize(
    "words", [b"[]\n", b"nonsense\n", b"", b'{"a":1}\n{"a":2}\n', b'"' + b"a" * (MAX_LINE + 1)]
)
def test_answers_of_the_wrong_shape_are_failures(words: bytes) -> None:
    with pytest.raises(EngineDown):
        asked([chunked(*[words] if words else [])], lambda engine: engine.info())
    with pytest.raises(EngineDown):
        asked([chunked(*[words] if words else [])], lambda engine: engine.repo_stat())


def test_the_token_is_shown_and_never_said() -> None:
    version = chunked(b'{"Version":"0.43.0"}\n')
    (request,) = asked([version], lambda engine: engine.info(), token="secret words")
    assert b"Authorization: Bearer secret words" in request
    with pytest.raises(EngineDown, match="KUBO_TOKEN") as caught:
        asked([refused("x", b"403 Forbidden")], lambda engine: engine.info(), token="secret words")
    assert "secret words" not in str(caught.value)


def test_a_kubo_that_does_not_answer_is_down_in_time() -> None:
    with (
        speaking(b"") as server,
        closing(Rpc(server.url, patience=Patience(read=0.2))) as rpc,
        pytest.raises(EngineDown, match="does not answer"),
    ):
        KuboEngine(rpc).info()


def test_an_export_that_is_not_the_graph_ends_with_a_refusal() -> None:
    """Whole blocks, every one of them sound, of another graph, too few, or too many."""

    def archive(*blocks: bytes) -> bytes:
        return chunked(
            b"".join(car.write([cids.of(LEAF)], [(cids.of(block), block) for block in blocks]))
        )

    for wrong in (archive(b"another"), archive(), archive(LEAF, b"and more")):
        with pytest.raises(NodeError):
            asked([HERE, wrong, HERE], lambda engine: list(engine.export_car(NAME)))
