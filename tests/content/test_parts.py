"""A block is open by its own CID while a content it belongs to is, and no longer."""

import pytest

from node_bridge import cid as cids
from node_bridge import dagpb
from node_bridge.cid import DAG_PB
from node_bridge.dagpb import Link
from node_bridge.unixfs import FOLDER
from wetube.content import network, parts
from wetube.content.models import Content, ContentBlock

pytestmark = pytest.mark.django_db

MIB = 1 << 20
FILM = bytes(range(256)) * (2 * MIB // 256 + 1)


def kept(holder: str, data: bytes, *, is_open: bool) -> tuple[str, list[str]]:
    """A content and the CIDs of all its blocks."""
    cid = network.store_bytes([data])
    network.keep(cid, size=len(data), holder=holder, is_open=is_open)
    return cid, list(network.blocks(cid))


def test_every_block_of_what_is_open_is_open() -> None:
    cid, blocks = kept("video:a", FILM, is_open=True)

    assert parts.list_what_is_open() == 1
    assert len(blocks) == 3  # the root, a leaf met twice, the rest
    assert all(map(parts.is_open, [cid, *blocks]))
    assert parts.list_what_is_open() == 0


def test_no_block_of_what_is_closed_is_open() -> None:
    _, private = kept("video:a", FILM, is_open=False)
    kept("video:b", b"for all", is_open=True)

    parts.list_what_is_open()

    assert not any(map(parts.is_open, private))
    assert not parts.is_open(str(cids.of(b"nobody has this")))


def test_an_open_leaf_that_reads_as_a_folder_opens_nothing() -> None:
    """A stranger's open leaf links to private bytes, if one takes it for a folder."""
    private, _ = kept("video:a", FILM, is_open=False)
    folder = dagpb.encode(FOLDER, [Link("film", 0, cids.parse(private))])
    leaf, _ = kept("pin:b", folder, is_open=True)
    parts.list_what_is_open()

    assert parts.is_open(leaf)
    assert not parts.is_open(str(cids.of(folder, DAG_PB)))


def test_a_folder_of_an_open_content_is_open_as_one_and_as_bytes() -> None:
    cid, _ = kept("video:a", FILM, is_open=True)
    parts.list_what_is_open()

    assert parts.is_open(cid)
    assert parts.is_open(str(cids.of_digest(cids.parse(cid).digest)))


def test_closing_a_content_closes_its_blocks_at_once() -> None:
    cid, blocks = kept("video:a", FILM, is_open=True)
    parts.list_what_is_open()

    network.set_open("video:a", is_open=False)
    assert not any(map(parts.is_open, blocks))

    kept("video:b", FILM, is_open=True)
    assert all(map(parts.is_open, blocks))

    network.let_go("video:a")
    network.let_go("video:b")
    network.reconcile()
    assert not Content.objects.filter(cid=cid).exists()
    assert not ContentBlock.objects.exists()


def test_a_listing_that_broke_off_goes_on() -> None:
    cid, blocks = kept("video:a", FILM, is_open=True)
    content = Content.objects.get(cid=cid)
    leaf = cids.parse(blocks[1])
    ContentBlock.objects.create(content=content, digest=leaf.digest, codec=leaf.codec)

    assert parts.list_what_is_open() == 1
    assert content.blocks.count() == len(blocks)


def test_what_is_not_whole_waits_and_holds_nobody_up() -> None:
    Content.objects.create(cid=str(cids.of(b"not here")), size=8).pins.create(
        holder="video:a", is_open=True
    )
    cid, _ = kept("video:b", FILM, is_open=True)

    assert parts.list_what_is_open() == 1
    assert parts.is_open(cid)
    assert not parts.is_open(str(cids.of(b"not here")))
