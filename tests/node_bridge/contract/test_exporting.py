"""Part of a graph leaves as an archive that proves itself, from every engine alike."""

from collections.abc import Callable
from hashlib import sha512
from io import BytesIO

import pytest

from node_bridge import Corrupt, Extent, MemoryEngine, NodeEngine, NotFound, Unsupported
from node_bridge import cid as cids
from node_bridge.car import Archive
from node_bridge.cid import DAG_CBOR, DAG_JSON, RAW, SHA2_512, ParsedCid
from tests.conformance.graphs import Graphs, Made, linking

Make = Callable[..., NodeEngine]
BOOK = b"".join(b"%04d words in a book\n" % number for number in range(60))


def imported(engine: NodeEngine, graphs: Graphs, root: Made) -> Made:
    engine.import_car(BytesIO(graphs.archive(root)))
    return root


def blocks(engine: NodeEngine, path: str, extent: Extent) -> list[str]:
    archive = Archive(BytesIO(b"".join(engine.export_car(path, extent))))
    return [key.written for key, _ in archive.blocks()]


def test_each_extent_of_a_folder(engine: NodeEngine) -> None:
    graphs = Graphs()
    book, words = graphs.file(BOOK), graphs.file(b"words")
    leaves = [str(key) for key in graphs.blocks if key not in {book.key, words.key}]
    folder = graphs.folder({"book": book, "copy": words, "words": words})
    root = imported(engine, graphs, graphs.folder({"a": folder}))

    way = [root.cid, folder.cid]
    assert blocks(engine, f"{root.cid}/a", Extent("block")) == way
    assert blocks(engine, f"{root.cid}/a", Extent("entity")) == way
    assert blocks(engine, f"{root.cid}/a", Extent()) == [*way, book.cid, *leaves, words.cid]
    twice = blocks(engine, f"{root.cid}/a", Extent(repeats=True))
    assert twice == [*way, book.cid, *leaves, words.cid, words.cid]
    part = blocks(engine, f"{root.cid}/a/book", Extent("entity", (300, 600)))
    assert part == [*way, book.cid, *leaves[1:3]]
    assert blocks(engine, f"{root.cid}/a/book", Extent("entity", (-1, None)))[-1] == leaves[-1]


def test_part_of_a_file_is_enough_to_read_that_part(engine: NodeEngine) -> None:
    graphs = Graphs()
    book = imported(engine, graphs, graphs.file(BOOK))
    reader = MemoryEngine()

    reader.import_car(BytesIO(b"".join(engine.export_car(book.cid, Extent("entity", (300, 600))))))

    assert b"".join(reader.cat(book.cid, 300, 301)) == BOOK[300:601]
    with pytest.raises(NotFound):
        b"".join(reader.cat(book.cid))


def test_part_of_what_is_not_whole(engine: NodeEngine) -> None:
    graphs = Graphs(version=0)
    book = graphs.file(BOOK)
    leaves = [key for key in graphs.blocks if key != book.key]
    engine.import_car(BytesIO(graphs.archive(book, without=[leaves[2]])))

    first = blocks(engine, book.cid, Extent("entity", (0, 255)))
    assert first == [book.cid, leaves[0].written]
    assert all(cid.startswith("Qm") for cid in first)
    with pytest.raises(NotFound):
        engine.export_car(book.cid)
    with pytest.raises(NotFound):
        b"".join(engine.export_car(book.cid, Extent("entity")))


def test_a_sharded_folder_with_and_without_what_is_in_it(engine: NodeEngine) -> None:
    graphs = Graphs()
    files = {f"{number}.txt": graphs.file(b"%d" % number) for number in range(400)}
    root = imported(engine, graphs, graphs.sharded(files))

    names = blocks(engine, root.cid, Extent("entity"))
    one = blocks(engine, f"{root.cid}/7.txt", Extent("block"))

    assert set(names) == {key.written for key in graphs.blocks if key.codec != RAW}
    assert (one[0], one[-1]) == (root.cid, files["7.txt"].cid)
    assert set(one[1:-1]) < set(names)
    reader = MemoryEngine()
    reader.import_car(BytesIO(b"".join(engine.export_car(root.cid, Extent("entity")))))
    assert {entry.name for entry in reader.ls(root.cid)} == set(files)


@pytest.mark.parametrize("codec", ["dag-cbor", "dag-json"])
def test_documents_lead_on(engine: NodeEngine, codec: str) -> None:
    book = engine.add([BOOK]).cid
    documents = {
        "dag-cbor": b"\xa1\x65files" + linking({"book": cids.parse(book)}),
        "dag-json": b'{"files":{"book":{"/":"%b"}},"list":[1,{"/":{"bytes":"aGk"}}]}'
        % book.encode(),
    }
    root = engine.put_block(documents[codec], codec=codec)

    assert engine.stat(root).kind == "block"
    assert engine.get_block(root) == documents[codec]
    assert engine.stat(f"{root}/files/book").roots == (root, root, book)
    assert b"".join(engine.cat(f"{root}/files/book")) == BOOK
    assert list(engine.blocks(root)) == [root, book]
    assert engine.has(root, recursive=True)
    assert blocks(engine, f"{root}/files/book", Extent()) == [root, book]
    with pytest.raises(NotFound):
        engine.stat(f"{root}/files/none")
    with pytest.raises(Unsupported):
        engine.stat(f"{root}/files")


def test_a_pinned_document_keeps_what_it_links_to(make: Make) -> None:
    engine = make()
    book, lost = engine.add([BOOK]).cid, engine.add([b"lost"]).cid
    root = engine.put_block(linking({"book": cids.parse(book)}), codec="dag-cbor")
    engine.pin(root, name="keep")

    engine.gc()

    assert engine.has(root, recursive=True)
    assert not engine.has(lost)


def test_a_block_under_a_sha2_512_is_stored_and_verified(engine: NodeEngine) -> None:
    key = str(ParsedCid(RAW, sha512(b"hello").digest(), SHA2_512))

    assert engine.put_block(b"hello", expect=key) == key
    assert engine.get_block(key) == b"hello"
    assert b"".join(engine.cat(key)) == b"hello"
    assert list(engine.blocks(key)) == [key]
    assert list(engine.verify()) == []
    with pytest.raises(Corrupt):
        engine.put_block(b"hallo", expect=key)


def test_roots_are_as_their_links_have_them(engine: NodeEngine) -> None:
    graphs = Graphs(version=0)
    words = graphs.file(b"words")
    root = imported(engine, graphs, graphs.folder({"words": words}))

    stat = engine.stat(f"{root.cid}/words")

    assert stat.roots == (root.cid, words.cid)
    assert all(cid.startswith("Qm") for cid in stat.roots)
    assert stat.cid == cids.canonical(words.cid)
    assert engine.stat(cids.canonical(root.cid)).roots == (cids.canonical(root.cid),)


def test_codecs_are_told_apart(engine: NodeEngine) -> None:
    keys = [ParsedCid(codec, cids.of(b"{}").digest) for codec in (DAG_JSON, DAG_CBOR, RAW)]
    engine.put_block(b"{}")
    kinds = [engine.stat(str(key)).kind for key in keys]
    assert kinds == ["block", "block", "file"]
