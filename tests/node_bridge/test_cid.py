"""A CID has many writings and one meaning; what is not a CID is refused."""

from hashlib import sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge import BadCid, canonical, varint
from node_bridge import cid as cids
from node_bridge.cid import BASE36, BASE58, DAG_PB, IDENTITY, RAW, SHA2_512, ParsedCid

HELLO = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
EMPTY_FOLDER = "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"
EMPTY_FOLDER_V0 = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"

parsed_cids = st.builds(
    ParsedCid,
    codec=st.sampled_from([RAW, DAG_PB, 0x71, 0x0129]),
    digest=st.binary(min_size=32, max_size=32),
) | st.builds(ParsedCid, st.sampled_from([RAW, DAG_PB]), st.binary(max_size=128), st.just(IDENTITY))


def in_base(data: bytes, alphabet: str) -> str:
    number, letters = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, len(alphabet))
        letters = alphabet[digit] + letters
    return letters


@given(parsed_cids)
def test_every_writing_means_the_same(parsed: ParsedCid) -> None:
    writings = [
        str(parsed),
        "B" + str(parsed)[1:].upper(),
        "k" + in_base(bytes(parsed), BASE36),
        "K" + in_base(bytes(parsed), BASE36).upper(),
        "z" + in_base(bytes(parsed), BASE58),
    ]

    assert {cids.parse(text) for text in writings} == {parsed}
    assert {canonical(text) for text in writings} == {str(parsed)}
    assert cids.decode(bytes(parsed)) == parsed


def test_known_cids() -> None:
    assert str(cids.of(b"hello world")) == HELLO
    assert canonical(EMPTY_FOLDER_V0) == EMPTY_FOLDER
    assert cids.parse("bafkqaaa").inline == b""


def test_a_cid_remembers_how_it_came() -> None:
    old, new = cids.parse(EMPTY_FOLDER_V0), cids.parse(EMPTY_FOLDER)

    assert old == new
    assert (old.written, new.written) == (EMPTY_FOLDER_V0, EMPTY_FOLDER)
    assert str(old) == EMPTY_FOLDER
    assert cids.decode(old.link).link == old.link != new.link == bytes(old)


def test_a_sha2_512_names_its_bytes() -> None:
    digest = sha512(b"hello").digest()
    parsed = ParsedCid(RAW, digest, SHA2_512)

    assert cids.parse(str(parsed)) == parsed == cids.of_digest(digest)
    assert cids.is_sound(b"hello", digest)
    assert not cids.is_sound(b"hallo", digest)


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        parsed = cids.parse(text)
    except BadCid:
        return
    assert cids.parse(str(parsed)) == parsed


@given(st.binary(max_size=80))
def test_bytes_that_are_a_cid_are_it_canonically(data: bytes) -> None:
    try:
        parsed = cids.decode(data)
    except BadCid:
        return
    assert data in {bytes(parsed), b"\x12\x20" + parsed.digest}


def v1(*numbers: int, digest: bytes) -> str:
    data = b"".join(map(varint.encode, numbers)) + digest
    return "z" + in_base(data, BASE58)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "b",
        "z",
        "k",
        "Qm",
        "hello",
        HELLO[:-1],
        HELLO + "a",
        HELLO.replace("i", "\N{LATIN SMALL LETTER DOTLESS I}", 1),  # upper() makes it an I
        HELLO[0] + HELLO[1:].upper(),
        "B" + HELLO[1:],
        "u" + HELLO[1:],
        HELLO[:-1] + "f",  # the same bytes, other trailing bits
        HELLO + "=",
        HELLO + "\n",
        " " + HELLO,
        EMPTY_FOLDER_V0[:-1],
        EMPTY_FOLDER_V0 + "n",
        EMPTY_FOLDER_V0[:-1] + "0",
        "z" + EMPTY_FOLDER_V0,  # a CIDv0 takes no multibase
        "z1" + in_base(bytes(cids.of(b"")), BASE58),
        "k_1",
        v1(1, RAW, 0x14, 64, digest=bytes(64)),  # sha3-512
        v1(1, RAW, 0x13, 32, digest=bytes(32)),  # half of a sha2-512
        v1(1, RAW, 0x12, 20, digest=bytes(20)),  # a truncated hash
        v1(2, RAW, 0x12, 32, digest=bytes(32)),
        v1(1, RAW, 0x12, 32, digest=bytes(31)),
        v1(1, RAW, 0x12, 32, digest=bytes(33)),
        v1(1, RAW, IDENTITY, 129, digest=bytes(129)),
        "b" + "a" * 300,
        "../../etc/passwd",
    ],
)
def test_what_is_not_a_cid_is_refused(text: str) -> None:
    with pytest.raises(BadCid):
        cids.parse(text)


@given(st.integers(0, 2**64 - 1), st.binary(max_size=4))
def test_varints_round_trip_whatever_follows(number: int, rest: bytes) -> None:
    data = varint.encode(number)
    assert varint.decode(b"\xff" + data + rest, 1) == (number, 1 + len(data))


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x80\x00", b"\xff" * 10, b"\xff" * 9 + b"\x02"])
def test_padded_cut_or_huge_varints_are_refused(data: bytes) -> None:
    with pytest.raises(varint.BadVarint):
        varint.decode(data)
