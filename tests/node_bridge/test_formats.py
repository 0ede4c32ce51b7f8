"""Nodes are written one way and read strictly; files are built as everyone else builds them."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge import (
    BadBlock,
    BadPath,
    MemoryEngine,
    TooBig,
    Unsupported,
    building,
    cutting,
    dagpb,
    nodes,
)
from node_bridge import cid as cids
from node_bridge.building import Branch, FileBuilder
from node_bridge.cid import ParsedCid
from node_bridge.dagpb import Link, Node
from node_bridge.unixfs import FOLDER, encode_file

MIB = 1024 * 1024
KEY = cids.of(b"x")

links = st.builds(
    Link,
    name=st.text(max_size=20),
    dag_size=st.integers(0, 2**64 - 1),
    key=st.builds(cids.of, st.binary(max_size=8), st.sampled_from([cids.RAW, cids.DAG_PB])),
)


@given(st.none() | st.binary(max_size=50), st.lists(links, max_size=8))
def test_a_node_reads_as_it_was_written(data: bytes | None, children: list[Link]) -> None:
    assert dagpb.decode(dagpb.encode(data, children)) == Node(data, tuple(children))


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reader(block: bytes) -> None:
    try:
        node = dagpb.decode(block)
        nodes.parse(block)
    except (BadBlock, Unsupported, TooBig):
        return
    assert node.data is not None


@given(st.lists(links, min_size=1, max_size=4), st.data())
def test_a_cut_node_is_never_the_whole_node(children: list[Link], data: st.DataObject) -> None:
    block = dagpb.encode(b"data", children)
    shorter = block[: data.draw(st.integers(0, len(block) - 1))]
    with suppress(BadBlock):
        assert dagpb.decode(shorter) != dagpb.decode(block)


LINK = dagpb.encode(None, [Link("a", 1, KEY)])
NAME_FIRST = b"\x12" + bytes([len(LINK) - 2]) + b"\x12\x01a\x0a\x24" + bytes(KEY) + b"\x18\x01"


@pytest.mark.parametrize(
    "block",
    [
        b"\x1a\x00",  # a field that dag-pb does not have
        b"\x0a\x01a\x0a\x01b",  # data twice
        LINK + b"\x0a\x01a" + LINK,  # links on both sides of the data
        b"\x12\x02\x12\x00",  # a link without a hash
        b"\x12\x00",
        NAME_FIRST,
        LINK.replace(b"\x12\x01a", b"\x12\x01\xff"),  # a name that is not UTF-8
        LINK[:-1] + b"\x81\x00",
        b"\x0a\x80",
        b"\x0a\x05abc",
    ],
)
def test_what_is_not_strictly_dag_pb_is_refused(block: bytes) -> None:
    with pytest.raises(BadBlock):
        dagpb.decode(block)


def file_node(size: int, sizes: list[int], count: int) -> bytes:
    return dagpb.encode(encode_file(size, sizes), [Link("", 1, KEY)] * count)


@pytest.mark.parametrize(
    ("block", "refusal"),
    [
        (dagpb.encode(None, []), BadBlock),
        (file_node(5, [5], 2), BadBlock),
        (file_node(5, [2, 2], 2), BadBlock),
        (file_node(1 << 50, [1 << 50], 1), TooBig),
        (dagpb.encode(FOLDER, [Link("a", 1, KEY), Link("a", 1, KEY)]), BadBlock),
        (dagpb.encode(b"\x08\x09", []), BadBlock),
        (dagpb.encode(b"\x08\x03", []), Unsupported),  # metadata
        (dagpb.encode(b"\x12\x00", []), BadBlock),
        (dagpb.encode(b"\x08\x05\x28\x22\x30\x03", []), BadBlock),  # a fanout of three
        (dagpb.encode(b"\x08\x05\x28\x12\x30\x80\x02", []), BadBlock),  # another hash
        (dagpb.encode(b"\x08\x05\x28\x22\x30\x80\x02", [Link("zz", 1, KEY)]), BadBlock),
    ],
)
def test_nodes_that_contradict_themselves_are_refused(
    block: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        nodes.parse(block)


@given(st.lists(st.integers(0, 1000), max_size=20), st.integers(0, 5000), st.integers(0, 5000))
def test_the_children_of_a_range_are_those_that_overlap_it(
    sizes: list[int], start: int, end: int
) -> None:
    node = nodes.parse(file_node(sum(sizes), sizes, len(sizes)))
    assert isinstance(node, nodes.FileNode)
    spans = [(sum(sizes[:place]), size) for place, size in enumerate(sizes)]

    found = [(low, size) for _, low, size in node.overlapping(start, end)]

    assert found == [(low, n) for low, n in spans if n and low < end and low + n > start]


def test_bytes_in_a_node_itself_come_before_its_children() -> None:
    """As others have written files: data and links in one node."""
    engine = MemoryEngine()
    leaf = cids.parse(engine.put_block(b"cdef"))
    about = b"\x08\x02\x12\x02ab\x18\x06\x20\x04"  # a file of 6 bytes, 2 of them here
    mixed = engine.put_block(dagpb.encode(about, [Link("", 4, leaf)]), codec="dag-pb")

    for start in range(7):
        for stop in range(start, 7):
            found = b"".join(engine.cat(mixed, start, stop - start))
            assert found == b"abcdef"[start:stop]
    alone = engine.put_block(dagpb.encode(b"\x08\x02\x12\x02ab\x18\x02", []), codec="dag-pb")
    assert b"".join(engine.cat(alone)) == b"ab"


VECTORS = {
    "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku": b"",
    "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e": b"hello world",
    "bafkreibq4fevl27rgurgnxbp7adh42aqiyd6ouflxhj3gzmcxcxzbh6lla": bytes(MIB),
    "bafybeihd4yzq7n5umhjngdum4r6k2to7egxfkf2jz6thvwzf6djus22cmq": bytes(MIB + 1),
    "bafybeieni33hnkqyswfpgqy4aibmr3xx7d6a7jg2bgelrta3fvp3dhyeaq": (
        bytes((i * i >> 3) % 251 for i in range(4096)) * 1281
    )[: 5 * MIB + 3],
}


@pytest.mark.parametrize("cid", VECTORS)
def test_files_get_the_cids_of_the_profile(cid: str) -> None:
    """Made by ipfs-unixfs-importer 17.1.1 with profile unixfs-v1-2025."""
    assert MemoryEngine().add([VECTORS[cid]], only_hash=True).cid == cid


def test_folders_get_the_cids_of_the_profile() -> None:
    """Made by ipfs-unixfs-importer 17.1.1 with profile unixfs-v1-2025."""
    engine = MemoryEngine()
    files = {
        "b.txt": b"b",
        "a/one.txt": b"one",
        "a/two.bin": bytes(MIB + 1),
        "é.txt": b"accent",
        "Z": b"",
    }

    made = engine.add_dir({name: engine.add([data]).cid for name, data in files.items()})

    assert made.cid == "bafybeidxed6ufj3hwdvlegkcojd33p764hhm7srg3tlaoastfvhymeucwi"
    assert engine.add_dir({}).cid == "bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354"


@pytest.mark.parametrize(
    ("leaves", "cid"),
    [
        (16, "bafybeihb2ffxtf5r3hwpgjpwpw2qkidzvvknak3jwd5j7xea4yourfttzi"),
        (17, "bafybeibzvabjiaf2ojnmenudmaqzr33unwylzxwcqx4ebmuxgjt3okgs2e"),
        (64, "bafybeielglmjno4ufnc7mvdf6fkk5vycues4x7g37ianr6dylnnywl5oge"),
        (65, "bafybeid52pgfdc7ppxam4tb5n27lh2z2jz542llgstayyinf465ue3zxvy"),
        (101, "bafybeiht23h5nikjzn2ad4zqdobi3e6k4qh6ft4imybqcs4lmsvy2vplka"),
    ],
)
def test_deep_trees_are_balanced_like_everyone_elses(leaves: int, cid: str) -> None:
    """Made by ipfs-unixfs-importer 17.1.1: leaves of 1024 bytes, four links a node."""
    data = bytes(((i * i & 0xFFFFFFFF) >> 3) % 251 for i in range(1024 * leaves - 1))
    builder = FileBuilder(lambda _key, _data: None, width=4)
    for leaf in cutting.leaves([data], 1024):
        builder.take(leaf)
    assert str(builder.finish().key) == cid


@given(st.integers(1, 300), st.integers(2, 5))
def test_memory_is_bounded_by_width_and_depth(leaves: int, width: int) -> None:
    builder = FileBuilder(lambda _key, _data: None, width=width)
    for number in range(leaves):
        builder.take(b"%d" % number)
        assert all(len(level) <= width for level in builder.levels)
        assert width ** (len(builder.levels) - 1) <= max(number + 1, 1)


class Reads:
    """A source with read() alone, that gives less than it is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def read(self, size: int = -1, /) -> bytes:
        piece, self.data = self.data[: max(size // 3, 1)], self.data[max(size // 3, 1) :]
        return piece


@given(st.lists(st.binary(max_size=40), max_size=10), st.integers(1, 32))
def test_every_kind_of_source_is_cut_the_same(pieces: list[bytes], size: int) -> None:
    whole = b"".join(pieces)
    expected = [whole[place : place + size] for place in range(0, len(whole), size)]

    assert [bytes(leaf) for leaf in cutting.leaves(pieces, size)] == expected
    assert [bytes(leaf) for leaf in cutting.leaves(Reads(whole), size)] == expected  # type: ignore[arg-type]  # duck


def test_an_endless_source_is_stopped_at_its_bound() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield bytes(100)

    source = endless()
    with pytest.raises(TooBig):
        list(cutting.leaves(source, 64, max_bytes=1000))
    assert len(list(islice(source, 3))) == 3


@pytest.mark.parametrize(
    "paths",
    [["a", "a/b"], ["a/b", "a"], [""], ["/a"], ["a/"], ["a//b"], [".."], ["a/./b"], ["n" * 256]],
)
def test_impossible_names_are_refused(paths: list[str]) -> None:
    branch = Branch(ParsedCid(cids.RAW, bytes(32)), 1, 1)
    with pytest.raises(BadPath):
        building.plant(dict.fromkeys(paths, branch))
