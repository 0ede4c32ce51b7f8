"""A film that real nodes keep and sell: the site that gives orders, the gateway beside it."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from node_bridge import MemoryEngine, cid
from node_bridge.network import orders
from node_bridge.network.identity import Identity
from node_bridge.network.orders import GIB, OrderLimit
from tests.journeys.player_harness.media import Film
from tests.journeys.player_harness.server import Gateway, Request, Site
from tests.node import graphs
from tests.node.graphs import Made
from tests.node.nodes import Running

LASTS = 600  # seconds of an order


def graph_of(film: Film) -> Made:
    """The film's folder as the network keeps it."""
    engine = MemoryEngine()
    names = {
        file.name: engine.add([file.read_bytes()]).cid for file in sorted(film.folder.iterdir())
    }
    root = engine.add_dir(names).cid
    return graphs.made(
        root, [(cid.parse(block), engine.get_block(block)) for block in engine.blocks(root)]
    )


@dataclass
class GraphGateway(Gateway):
    """Serves the film under its CID, too."""

    root: str = ""

    def answer(self, request: Request) -> None:
        request.path = request.path.replace(f"/ipfs/{self.root}/", "/ipfs/film/")
        super().answer(request)

    def fragments(self) -> int:
        """How often a part of a picture or a sound was asked for here."""
        return sum(times for (_, name), times in self.asked.items() if name.endswith(".mp4"))


@dataclass
class Shop(Site):
    """Gives whoever asks an order at each of the nodes; the policy lets the page speak to them."""

    root: str = ""
    gateway: Identity = field(default_factory=Identity.create)
    nodes: list[Running] = field(default_factory=list)
    limits: list[OrderLimit] = field(default_factory=list)
    change: Callable[[OrderLimit], OrderLimit] = lambda limit: limit

    @property
    def policy(self) -> str:
        origins = " ".join(node.url for node in self.nodes)
        return super().policy.replace("connect-src 'self'", f"connect-src 'self' {origins}")

    def answer(self, request: Request) -> None:
        if urlsplit(request.path).path != "/orders/":
            super().answer(request)
            return
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        client = parse_qs(body)["client"][0]
        said = json.dumps({"orders": [self._order(node, client) for node in self.nodes]})
        request.reply(200, {"Content-Type": "application/json"}, said.encode())

    def _order(self, node: Running, client: str) -> dict[str, object]:
        limit = self.change(
            OrderLimit(
                gateway=self.gateway.peer_id,
                client=client,
                node=node.peer_id,
                serial=orders.new_serial(),
                root=self.root,
                max_bytes=GIB,
                price=0,
                expires=int(time.time()) + LASTS,
            )
        )
        self.limits.append(limit)
        return {
            "node": limit.node,
            "url": node.url,
            "root": self.root,
            "token": orders.issue(self.gateway, replace(limit, gateway=self.gateway.peer_id)),
            "serial": limit.serial,
            "max_bytes": limit.max_bytes,
            "price": limit.price,
            "expires": limit.expires,
        }


def book_of(node: Running) -> Path:
    return node.folder / "book.sqlite3"
