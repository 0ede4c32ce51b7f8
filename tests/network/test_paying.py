"""Reads that are paid for: the order goes along, a receipt follows what came, and nothing else."""

from dataclasses import dataclass, field
from ssl import SSLSocket

import pytest

from node_bridge import MAX_BLOCK, Cid, MemoryEngine, cid
from node_bridge.cid import ParsedCid
from node_bridge.network import orders
from node_bridge.network.failures import NobodyHas, NotAllowed
from node_bridge.network.identity import Identity, PeerId
from node_bridge.network.orders import OrderLimit
from tests.network.conftest import Fetching, Started
from tests.network.peers import Asked, Peer, always, honest, status, wait_for, whole

ROOT = str(cid.of(b"the root"))
NOW = 1_800_000_000
PRICE = 100_000  # drops a GiB
GATEWAY, CLIENT, NODE = Identity.create(), Identity.create(), Identity.create()


@dataclass
class Limited:
    """An Order as a gateway would give it."""

    max_bytes: int
    root: Cid
    gateway: Identity = GATEWAY
    client: Identity = CLIENT
    node: PeerId = NODE.peer_id
    expires: int = NOW
    signed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limit = OrderLimit(
            self.gateway.peer_id,
            self.client.peer_id,
            self.node,
            orders.new_serial(),
            self.root,
            self.max_bytes,
            price=PRICE,
            expires=self.expires,
        )
        self.token = orders.issue(self.gateway, self.limit)

    def receipt(self, size: int) -> str:
        self.signed.append(size)
        return orders.sign(self.client, self.limit, size)


@dataclass
class Shop:
    """Where orders are had."""

    max_bytes: int = 64 << 20
    orders: list[Limited] = field(default_factory=list)

    def __call__(self, root: Cid) -> Limited:
        self.orders.append(Limited(self.max_bytes, root))
        return self.orders[-1]


@pytest.fixture
def keys(engine: MemoryEngine) -> list[ParsedCid]:
    return [cid.parse(engine.put_block(bytes([number]) * 100_000)) for number in range(10)]


def receipts(node: Peer) -> list[int]:
    """The bytes that the node was given receipts for, in their order."""
    posted = [asked for asked in node.asked if asked.method == "POST"]
    assert {asked.target for asked in posted} <= {"/wt/v1/receipts"}
    return [
        orders.read_receipt(asked.body.decode(), by=CLIENT.peer_id, now=NOW - 1).size
        for asked in posted
    ]


def test_the_order_goes_along_and_all_that_came_is_receipted(
    peer: Started, fetching: Fetching, engine: MemoryEngine, keys: list[ParsedCid]
) -> None:
    node, shop = peer(honest(engine)), Shop()
    fetcher = fetching([node.provider(paid=shop)])
    for key in keys:
        fetcher.block(key, ROOT)
    wait_for(lambda: receipts(node)[-1:] == [1_000_000])
    (order,) = shop.orders
    assert order.root == ROOT
    shown = {a.headers.get("authorization") for a in node.asked if a.method == "GET"}
    assert shown == {f"Bearer {order.token}"}
    assert receipts(node) == sorted(receipts(node))


def test_nothing_is_signed_for_bytes_that_are_not_the_block(
    peer: Started, fetching: Fetching, keys: list[ParsedCid]
) -> None:
    node, shop = peer(always(whole(b"lies"))), Shop()
    with pytest.raises(NobodyHas):
        fetching([node.provider(paid=shop)]).block(keys[0], ROOT)
    assert shop.orders[0].signed == []
    assert receipts(node) == []


def test_an_order_that_is_used_up_is_followed_by_another(
    peer: Started, fetching: Fetching, engine: MemoryEngine, keys: list[ParsedCid]
) -> None:
    node, shop = peer(honest(engine)), Shop(max_bytes=MAX_BLOCK + 250_000)
    fetcher = fetching([node.provider(paid=shop)])
    for key in keys:
        fetcher.block(key, ROOT)
    wait_for(lambda: sum(max(order.signed, default=0) for order in shop.orders) == 1_000_000)
    assert len(shop.orders) == 4
    assert all(max(order.signed) <= order.max_bytes for order in shop.orders)


def test_an_order_that_is_refused_is_not_shown_again(
    peer: Started, fetching: Fetching, engine: MemoryEngine, keys: list[ParsedCid]
) -> None:
    shop, good = Shop(), honest(engine)

    def answer(asked: Asked, line: SSLSocket) -> bytes | None:
        if asked.headers.get("authorization") == f"Bearer {shop.orders[0].token}":
            return status(402)
        return good(asked, line)

    node = peer(answer)
    assert fetching([node.provider(paid=shop)]).block(keys[0], ROOT) == bytes(100_000)
    assert len(shop.orders) == 2
    assert shop.orders[0].signed == []


def test_who_takes_no_receipts_is_soon_not_bought_from_under_that_order(
    peer: Started, fetching: Fetching, engine: MemoryEngine, keys: list[ParsedCid]
) -> None:
    shop, good = Shop(), honest(engine)
    node = peer(lambda asked, line: status(500) if asked.method == "POST" else good(asked, line))
    fetcher = fetching([node.provider(paid=shop)])
    fetcher.block(keys[0], ROOT)
    wait_for(lambda: len(receipts(node)) == 3)
    fetcher.block(keys[1], ROOT)
    assert len(shop.orders) == 2


def test_no_receipt_is_signed_past_the_order(
    peer: Started, fetching: Fetching, engine: MemoryEngine, keys: list[ParsedCid]
) -> None:
    node, shop = peer(honest(engine)), Shop(max_bytes=50_000)
    fetcher = fetching([node.provider(paid=shop)])
    for key in keys[:3]:
        fetcher.block(key, ROOT)
    wait_for(lambda: all(len(order.signed) == 3 for order in shop.orders))
    assert len(shop.orders) == 3
    assert receipts(node) == []


def test_where_no_order_can_be_had_another_node_is_asked(
    peer: Started, fetching: Fetching, engine: MemoryEngine, keys: list[ParsedCid]
) -> None:
    def closed(root: Cid) -> Limited:
        raise NotAllowed("The gateway sells no orders to you.")

    dear, free = peer(honest(engine)), peer(honest(engine))
    fetcher = fetching([dear.provider(paid=closed), free.provider()])
    fetcher.block(keys[0], ROOT)
    assert dear.asked == []


def test_who_shows_who_they_are_signs_each_request(
    peer: Started, fetching: Fetching, engine: MemoryEngine, keys: list[ParsedCid]
) -> None:
    node = peer(honest(engine))
    provider = node.provider(passes=lambda method, path: f"signed:{method}:{path}")
    fetching([provider]).block(keys[0], ROOT)
    (asked,) = node.asked
    assert asked.headers["authorization"] == f"WeTube signed:GET:/ipfs/{keys[0]}?format=raw"
