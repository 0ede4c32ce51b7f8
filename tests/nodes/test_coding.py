"""Sealing and coding: any k of n shards bring the bytes back, and nothing else does."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge import MemoryEngine
from node_bridge.errors import OverQuota
from node_bridge.network import coding, columns
from node_bridge.network.coding import (
    HEADER,
    LARGE,
    MIDDLE,
    SHARD,
    SMALL,
    BadCodec,
    BadSeal,
    Codec,
    Seal,
    TooFewShards,
)

KEY = bytes(range(32))


@given(st.binary(min_size=1, max_size=5000))
def test_any_three_of_five_shards_are_enough(data: bytes) -> None:
    shards = SMALL.encode(data)
    for chosen in combinations(shards, 3):
        assert SMALL.decode(chosen) == data


@pytest.mark.parametrize("codec", [SMALL, MIDDLE, LARGE])
def test_a_shard_made_anew_is_the_same_byte_for_byte(codec: Codec) -> None:
    shards = codec.encode(Random(1).randbytes(100_000))
    for number in range(codec.n):
        rest = [shard for place, shard in enumerate(shards) if place != number]
        assert codec.remake(rest[-codec.k :], number) == shards[number]


@pytest.mark.parametrize("codec", [SMALL, MIDDLE, LARGE])
def test_a_shard_of_a_full_stripe_is_one_block(codec: Codec) -> None:
    sealed = Seal(KEY, "data").close(0, bytes(codec.stripe))
    assert {len(shard) for shard in codec.encode(sealed)} == {SHARD}
    assert codec.stripe == codec.k * (SHARD - HEADER) - 16


def test_fewer_shards_than_needed_are_refused_by_name() -> None:
    shards = SMALL.encode(b"secret")
    with pytest.raises(TooFewShards):
        SMALL.decode(shards[:2])
    with pytest.raises(TooFewShards):
        SMALL.remake(shards[1:3], 0)
    with pytest.raises(TooFewShards):
        SMALL.decode([shards[0], shards[0], shards[0]])


def test_a_seal_opens_with_its_key_in_its_place_alone() -> None:
    sealed = Seal(KEY, "data").close(7, b"secret")
    assert Seal(KEY, "data").open(7, sealed) == b"secret"
    for seal, number, said in (
        (Seal(KEY, "data"), 8, sealed),
        (Seal(KEY, "manifest"), 7, sealed),
        (Seal(bytes(32), "data"), 7, sealed),
        (Seal(KEY, "data"), 7, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (Seal(KEY, "data"), 7, b""),
    ):
        with pytest.raises(BadSeal):
            seal.open(number, said)


@pytest.mark.parametrize(
    ("operators", "codec"),
    [(0, None), (4, None), (5, SMALL), (11, SMALL), (12, MIDDLE), (19, MIDDLE), (20, LARGE)],
)
def test_the_code_grows_with_the_network(operators: int, codec: Codec | None) -> None:
    assert coding.for_operators(operators) == codec


@pytest.mark.parametrize(
    "name",
    [
        None,
        5,
        "",
        "zfec:3:5",
        "isa_l_rs_cauchy:5:3",
        "isa_l_rs_cauchy:0:4",
        "isa_l_rs_cauchy:3:99",
        "isa_l_rs_cauchy:3:5 ",
    ],
)
def test_an_unknown_code_is_refused(name: object) -> None:
    with pytest.raises(BadCodec):
        coding.read(name)


def test_a_code_is_known_by_its_name() -> None:
    for codec in (SMALL, MIDDLE, LARGE):
        assert coding.read(codec.name) == codec


def test_columns_are_files_of_their_shards() -> None:
    engine = MemoryEngine()
    stripes = [SMALL.encode(Random(n).randbytes(SMALL.stripe + 16)) for n in range(3)]
    stored = columns.store(engine, iter(stripes), SMALL.n)
    for number, column in enumerate(stored):
        assert b"".join(engine.cat(column.cid)) == b"".join(each[number] for each in stripes)
        assert [engine.get_block(cid) for cid in column.shards] == [
            each[number] for each in stripes
        ]


def test_one_small_stripe_is_one_block_a_column() -> None:
    engine = MemoryEngine()
    stored = columns.store(engine, [SMALL.encode(b"tiny")], SMALL.n)
    assert all(column.shards == (column.cid,) for column in stored)


class Full(MemoryEngine):
    """A node whose room ends under way, for one column."""

    def add(self, src, **said):  # type: ignore[no-untyped-def]
        pieces = iter(src)
        first = next(pieces)
        if first[:1] == b"2":
            raise OverQuota("full")
        return super().add([first, *pieces], **said)


def test_a_failing_column_fails_all_and_nobody_waits() -> None:
    many = ([b"%d" % number * 10 for number in range(5)] for _ in range(50))
    with pytest.raises(OverQuota):
        columns.store(Full(), many, 5)


def test_a_failing_source_fails_all_and_nobody_waits() -> None:
    def cut() -> "object":
        yield [b"x"] * 5
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        columns.store(MemoryEngine(), cut(), 5)  # type: ignore[arg-type]
