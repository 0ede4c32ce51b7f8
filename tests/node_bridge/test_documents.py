"""Documents are read strictly: links are told from bytes that look like them."""

import json

import libipld
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge import BadBlock, NotFound, Unsupported, dagcbor, documents
from node_bridge import cid as cids
from node_bridge.cid import DAG_CBOR, DAG_JSON, ParsedCid
from node_bridge.dagcbor import MAX_DEPTH, Value

KEY = cids.of(b"x")
LINK = b"\xd8\x2a\x58\x25\x00" + bytes(KEY)
CBOR, JSON = ParsedCid(DAG_CBOR, bytes(32)), ParsedCid(DAG_JSON, bytes(32))

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.text() | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(plain)
def test_what_another_library_wrote_is_read_as_it_was(value: Value) -> None:
    assert dagcbor.decode(libipld.encode_dag_cbor(value)) == value


def test_links_are_told_from_bytes_that_look_like_them() -> None:
    lookalike = b"\x58\x24" + bytes(KEY)
    value = dagcbor.decode(b"\x83" + LINK + lookalike + b"\xa1\x61a" + LINK)

    assert value == [KEY, bytes(KEY), {"a": KEY}]
    assert list(documents.links(value)) == [KEY, KEY]


def test_links_come_in_the_order_they_stand_in() -> None:
    keys = [cids.of(b"%d" % number) for number in range(4)]
    one, two, three, four = ({"/": str(key)} for key in keys)
    block = json.dumps({"z": [one, {"y": two}], "a": three, "b": [[four]]}).encode()
    assert list(documents.links(documents.read(JSON, block))) == keys


@given(st.binary(max_size=60))
def test_no_bytes_break_either_reader(block: bytes) -> None:
    for key in (CBOR, JSON):
        try:
            value = documents.read(key, block)
        except BadBlock:
            continue
        list(documents.links(value))


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\x80\x80",  # two values
        b"\x9f\xff",  # no definite length
        b"\x81" * 5000 + b"\x80",
        b"\x9b" + b"\xff" * 8,  # a list of 2**64 things, none of them there
        b"\x5b" + b"\xff" * 8,
        b"\xa2\x61a\x01\x61a\x02",  # one key twice
        b"\xa1\x01\x02",  # a key that is a number
        b"\x61\xff",  # text that is not UTF-8
        b"\xc1\x00",  # a tag that is no link
        b"\xd8\x2a\x41\x01",  # a link without its prefix
        b"\xd8\x2a\x42\x00\x01",  # a link to nothing
        b"\xd8\x2a\x01",
        b"\xf8\x20",
        b"\xf9\x7c\x00",  # a float of two bytes
        b"\xff",
    ],
)
def test_bad_cbor_is_refused(block: bytes) -> None:
    with pytest.raises(BadBlock):
        documents.read(CBOR, block)


@pytest.mark.parametrize(
    "block", [b"", b"{", b"NaN", b"[" * 100_000, b'{"/":"nonsense"}', b"\xff", b"1 2"]
)
def test_bad_json_is_refused(block: bytes) -> None:
    with pytest.raises(BadBlock):
        documents.read(JSON, block)


def test_the_deepest_document_is_read() -> None:
    deepest = b"\x81" * MAX_DEPTH + b"\x01"
    assert documents.read(CBOR, deepest)
    with pytest.raises(BadBlock):
        documents.read(CBOR, b"\x81" + deepest)


def test_a_path_is_followed_to_the_first_link() -> None:
    value: Value = {"a": [1, {"b": KEY}], "c": {"/": "x", "d": 1}, "0": "zero"}

    assert documents.follow(value, ["a", "1", "b", "rest", "more"]) == (KEY, ["rest", "more"])
    for names in (["a", "2"], ["a", "x"], ["a", "-1"], ["c", "d", "e"], ["none"], ["a", "٣"]):
        with pytest.raises(NotFound):
            documents.follow(value, names)
    for names in (["a"], ["a", "0"], ["c", "d"], ["0"]):
        with pytest.raises(Unsupported):
            documents.follow(value, names)
