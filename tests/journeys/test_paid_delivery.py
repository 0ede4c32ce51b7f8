"""A paid film comes straight from the nodes that keep it, and nobody notices when it cannot."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route

from node_bridge.network import orders
from node_bridge.network.identity import Identity
from node_bridge.network.orders import Receipt
from tests.journeys.player_harness.media import Film
from tests.journeys.player_harness.selling import GraphGateway, Shop, book_of, graph_of
from tests.journeys.player_harness.server import Server
from tests.journeys.player_harness.viewer import Viewer
from tests.journeys.player_harness.world import World, make_film  # noqa: F401 - a fixture
from tests.node.nodes import Running, start_node

pytestmark = pytest.mark.journey

GATEWAY = Identity.create()


@pytest.fixture(scope="module")
def nodes(short_film: Film, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Running]]:
    """Two that keep the whole film."""
    graph, folder = graph_of(short_film), tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        made = [
            stack.enter_context(start_node(folder / name, gateway=GATEWAY)) for name in ("a", "b")
        ]
        for node in made:
            assert node.give(graph.cid, graph.size, graph.archive).status == 200
        yield made


@pytest.fixture
def shop(
    short_film: Film, nodes: list[Running], browser: Browser, repository: Path
) -> Iterator[World]:
    """The film's page, its gateway, and its nodes."""
    root = graph_of(short_film).cid
    gateway = GraphGateway(short_film, root=root)
    site = Shop(repository, root=root, gateway=GATEWAY, nodes=nodes)
    with Server(gateway.answer) as content, Server(site.answer) as pages:
        site.gateway_origin = content.origin
        world = World(gateway, site, content.origin, pages.origin, browser, [])
        yield world
        for viewer in world.viewers:
            viewer.page.context.close()


@pytest.fixture
def watching(shop: World) -> Callable[..., Viewer]:
    def watch(meet: Callable[[Viewer], object] = str) -> Viewer:
        # The nodes' certificates are their own, as in a test of one machine they must be.
        viewer = shop.viewer(ignore_https_errors=True)
        meet(viewer)
        prefix = f"{shop.gateway_origin}/g/first/ipfs/{shop.site.root}"  # type: ignore[attr-defined]  # a Shop
        source = {"prefix": prefix, "orders": "/orders/", "renew": "/grant/"}
        viewer.open(shop.address(source=source))
        viewer.play()
        return viewer

    return watch


def receipts(node: Running, shop: Shop) -> list[Receipt]:
    """The last receipts in the node's book for orders of this test."""
    serials = {limit.serial for limit in shop.limits}
    with closing(sqlite3.connect(book_of(node))) as book:
        rows = book.execute("SELECT serial, receipt FROM order_limit WHERE receipt != ''")
        return [
            orders.read_receipt(text, to=node.peer_id, now=time.time())
            for serial, text in rows
            if serial in serials
        ]


def test_a_film_comes_from_its_nodes_and_each_byte_is_signed_for(
    shop: Any, nodes: list[Running], watching: Callable[..., Viewer]
) -> None:
    ada = watching()
    ada.wait("stage.source.engine.bandwidthEstimate > 0 && stage.video.currentTime > 3", 20)
    ada.press("5")
    ada.wait("stage.video.currentTime > 16", 20)
    before = shop.gateway.fragments()
    ada.press("8")
    ada.wait("stage.video.currentTime > 25 && !stage.video.paused", 20)

    assert shop.gateway.fragments() == before
    ada.page.wait_for_timeout(500)
    signed = [receipt for node in nodes for receipt in receipts(node, shop.site)]
    (client,) = {limit.client for limit in shop.site.limits}
    assert {receipt.client for receipt in signed} == {client}
    assert len({receipt.node for receipt in signed}) == 2
    assert sum(receipt.size for receipt in signed) > 500_000
    assert ada.heard == []


def lie(route: Route) -> None:
    answer = route.fetch()
    body = bytearray(answer.body())
    body[len(body) // 2] ^= 1
    route.fulfill(response=answer, body=bytes(body))


def hang_up(route: Route) -> None:
    route.abort()


def never_answer(_route: Route) -> None:
    """Leave it open."""


@pytest.mark.parametrize("trouble", [lie, hang_up, never_answer])
def test_bad_nodes_are_not_felt_and_not_paid(
    shop: Any,
    nodes: list[Running],
    watching: Callable[..., Viewer],
    trouble: Callable[[Route], None],
) -> None:
    asked: list[str] = []

    def meet(viewer: Viewer) -> None:
        def spoil(route: Route) -> None:
            asked.append(route.request.url)
            if route.request.method == "OPTIONS":
                route.continue_()
            else:
                trouble(route)

        viewer.page.context.route("https://127.0.0.1:*/ipfs/**", spoil)

    ada = watching(meet)
    ada.press("5")
    ada.wait("stage.video.currentTime > 17", 25)

    assert asked
    assert shop.gateway.fragments() > 0
    assert not ada.page.is_visible(".wt-trouble")
    assert [receipts(node, shop.site) for node in nodes] == [[], []]


def test_without_ed25519_the_gateway_serves(shop: Any, watching: Callable[..., Viewer]) -> None:
    def meet(viewer: Viewer) -> None:
        viewer.page.add_init_script(
            "SubtleCrypto.prototype.generateKey = () => Promise.reject(new Error('no such curve'))"
        )

    ada = watching(meet)
    ada.press("5")
    ada.wait("stage.video.currentTime > 16", 20)
    assert shop.site.limits == []
    assert ada.heard == []


def test_an_order_for_something_else_buys_nothing_and_is_not_felt(
    shop: Any, nodes: list[Running], watching: Callable[..., Viewer]
) -> None:

    stranger = Identity.create()
    shop.site.change = lambda limit: replace(limit, root="bafkqaaa", client=stranger.peer_id)
    ada = watching()
    ada.press("5")
    ada.wait("stage.video.currentTime > 17", 25)
    assert [receipts(node, shop.site) for node in nodes] == [[], []]
    assert not ada.page.is_visible(".wt-trouble")
