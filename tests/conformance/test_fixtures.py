"""Our writer makes what Kubo makes: the published CIDs come out wherever a recipe fixes them."""

import pytest

from node_bridge import cid as cids
from tests.conformance import fixtures as published
from tests.conformance.fixtures import Fixtures
from tests.conformance.graphs import Graphs

# The folders of IPIP-550, their data before their links and behind them.
ORDERS = {
    "bafybeigdcg7pksx2zk5336vrfsktjodlr4rbfz37qr3koc5xboxe5ekv24",
    "bafybeigqvyloizmfcdy6scaxnyltftzptaruqa3hnnplfzsbf4sqteiwlm",
    "bafybeicjwkfslu7gwyywffvqgse5kiibojtktxcdqhgv7ldj5fjdacuceq",
    "bafybeicwgy2rlqmqqu3yy2tqvm2wbgdvy3snu4sbbv4wqpvpnoplpzxz74",
}


@pytest.fixture(scope="module")
def made() -> Fixtures:
    return Fixtures()


def test_published_cids_come_out(made: Fixtures) -> None:
    assert tuple(part.cid for part in made.cache) == published.CACHE_ROOTS
    assert (made.listed.cid, made.listed_file.cid) == (
        published.LISTING_ROOT,
        published.LISTING_FILE,
    )
    assert made.symlink.cid == published.SYMLINK_ROOT
    assert made.tricky.cid == published.TRICKY_ROOT
    assert made.nested.cid == published.NESTED_ROOT
    assert made.slashed.cid == published.SLASHED_ROOT
    assert {order.cid for order in made.orders} == ORDERS
    assert [str(key) for key in made.graphs.blocks][:5] == list(published.MIXED_PIECES)


def test_a_sharded_folder_is_the_importers() -> None:
    """The same 300 files as in tests/node_bridge/data, there by ipfs-unixfs-importer."""
    graphs = Graphs(piece=262_144)
    files = {f"name-{n}.txt": graphs.file(b"body %d" % (n % 10)) for n in range(300)}
    root = graphs.sharded(files)
    assert root.cid == "bafybeiaskkq2hz36sqqsphtfzq7z4e3g5wz2pcmbehk5rzwmp6ohfodfhu"


def test_every_block_is_under_its_own_hash(made: Fixtures) -> None:
    for graphs in (made.graphs, made.whole, made.old):
        assert all(cids.is_sound(block, key.digest) for key, block in graphs.blocks.items())
