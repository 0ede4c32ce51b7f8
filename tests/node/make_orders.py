"""Order limits between made-up parties, and a gateway that counts receipts."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.node.book import Book
from gateway.node.seams import Wanted
from node_bridge.network import orders
from node_bridge.network.identity import Identity
from node_bridge.network.orders import OrderLimit

GATEWAY, NODE, CLIENT, STRANGER = (Identity.create() for _ in range(4))
ROOT = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
WANTED = Wanted("bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", frozenset({ROOT}))
MIB = 1 << 20


def limit(**changes: Any) -> OrderLimit:
    good = OrderLimit(
        gateway=GATEWAY.peer_id,
        client=CLIENT.peer_id,
        node=NODE.peer_id,
        serial=orders.new_serial(),
        root=ROOT,
        max_bytes=20 * MIB,
        price=7,
        expires=int(time.time()) + 600,
    )
    return replace(good, **changes)


def rows(book: Book) -> list[tuple[object, ...]]:
    with book.read() as db:
        return [tuple(row) for row in db.execute("SELECT * FROM order_limit ORDER BY serial")]


class Counter:
    """A gateway that counts every receipt; it can be silent, and can refuse."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.silence: Exception | None = None
        self.reason = ""

    def post(self, path: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
        assert path == "/nodes/v1/receipts"
        if self.silence is not None:
            raise self.silence
        self.asked.append(said["receipts"])
        read = [orders.read_receipt(token, now=0) for token in said["receipts"]]
        return {
            "receipts": [
                {
                    "serial": one.serial,
                    "bytes": 0 if self.reason else one.size,
                    "reason": self.reason,
                    "detail": "why",
                }
                for one in read
            ]
        }
