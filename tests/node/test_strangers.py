"""Whatever strangers send, a node answers with a name, changes nothing, and waits for nobody."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import draining
from gateway.asgi import Message
from gateway.node import app as app_module
from gateway.node import door, reading, spent
from node_bridge.network.identity import Identity
from tests.node import graphs
from tests.node.calling import Caller
from tests.node.conftest import Make

FILM = graphs.film(700_000)

words = st.sampled_from(
    ["ipfs", "wt", "v1", "leases", "audits", "receipts", "blocks", "1", "..", ""]
)
paths = st.lists(words | st.just(FILM.cid) | st.text("aQm%/.\\ é\0", max_size=9), max_size=6)
queries = st.sampled_from(["", "?format=raw", "?format=car", "?format=car&dag-scope=x", "?a&&=&%"])
queries |= st.just("?format=car&entity-bytes=9:1") | st.text("&=?%/:*-19", max_size=20)
headers = st.dictionaries(
    st.sampled_from(["authorization", "accept", "range", "if-none-match", "content-type"]),
    st.sampled_from(
        ["WeTube x", "Bearer x", "Bearer ", "*/*", "bytes=0-", "*", "a.b.c", "x" * 9000]
    ),
)


def told(node: Caller) -> list[object]:
    with node.parts.book.read() as db:
        return [tuple(row) for row in db.execute("SELECT * FROM lease")] + [node.stored]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    paths,
    queries,
    headers,
    st.binary(max_size=60) | st.sampled_from([b"{}", b'{"lease":"a.b.c"}', b"[[" * 2000]),
)
def test_nonsense_is_answered_and_changes_nothing(
    node: Caller, method: str, path: list[str], query: str, lines: dict[str, str], body: bytes
) -> None:
    if not told(node)[:-1]:
        node.hold(FILM)
    before = told(node)
    answer = node.ask(method, "/" + "/".join(path) + query, body, headers=lines)
    assert answer.status < 500
    assert told(node) == before


def test_a_client_that_takes_nothing_is_let_go(
    make_node: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = make_node(free_reads=True)
    node.hold(FILM)
    monkeypatch.setattr(reading, "STALL", 0.05)

    async def read() -> int:
        sent = 0

        async def receive() -> Message:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.body":
                sent += 1
                await asyncio.sleep(60)

        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/ipfs/{FILM.cid}",
            "query_string": b"format=car",
            "headers": [],
        }
        await asyncio.wait_for(node.app(scope, receive, send), 5)
        return sent

    assert asyncio.run(read()) == 1
    assert node.app.under_way == 0


def test_more_requests_than_it_carries_are_turned_away(
    node: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_module, "MOST", 0)
    refused = node.ask("GET", "/ipfs/bafkqaaa?format=raw")
    assert (refused.status, refused.refusal) == (503, "busy")
    assert node.ask("GET", "/health").status == 200


@pytest.mark.parametrize("path", ["/wt/v1/leases", "/wt/v1/audits", "/wt/v1/receipts"])
def test_a_body_that_does_not_come_holds_no_place(
    make_node: Make, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger announces a body and says nothing more; only receipts are waited for, a little."""
    node = make_node()
    monkeypatch.setattr(door, "SECONDS", 0.05)
    monkeypatch.setattr(draining, "SECONDS", 0.05)

    async def announce() -> int:
        sent: list[Message] = []

        async def receive() -> Message:
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        lines = [(b"content-length", b"100"), (b"authorization", b"WeTube x")]
        scope = {"type": "http", "method": "POST", "path": path, "headers": lines}
        await asyncio.wait_for(node.app(scope, receive, send), 5)
        return int(sent[0]["status"])

    assert asyncio.run(announce()) == (408 if path.endswith("receipts") else 403)
    assert node.app.under_way == 0


def test_what_strangers_sign_does_not_shut_the_gateway_out(
    node: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spent, "MOST", 3)
    node.hold(FILM)
    stranger = Identity.create()
    for _ in range(5):
        refused = node.order("GET", f"/ipfs/{FILM.cid}?format=raw", by=stranger)
        assert (refused.status, refused.refusal) == (403, "not-allowed")
    assert node.read(FILM.cid).status == 200


def test_a_refuse_list_of_nonsense_refuses_nothing(node: Caller) -> None:
    node.hold(FILM)
    folder: Path = node.parts.config.folder
    (folder / "refuse.txt").write_bytes(b"\xff\xfe\n# all\n\n*\nbafy\n" + b"x" * 10_000)
    assert node.read(FILM.cid).status == 200
