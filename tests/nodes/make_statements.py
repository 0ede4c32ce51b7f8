"""What nodes say to the gateway, for tests: descriptions, signed requests, heartbeats."""

import json
import time
from typing import Any

from django.test import Client

from node_bridge.network import descriptions, requests
from node_bridge.network.descriptions import Description, Prices
from node_bridge.network.identity import Identity
from node_bridge.network.requests import Asked
from wetube.nodes import identity
from wetube.nodes.models import Node, Operator

NODE = Identity.create()
URL = "https://olgas.example"


def said(**changes: Any) -> Description:
    plain: dict[str, Any] = {
        "urls": (URL,),
        "certificate": "ab" * 32,
        "capacity": 10**12,
        "free": 10**11,
        "prices": Prices(5, 6, {"720p": 7}),
    }
    return Description(**{**plain, **changes})


def statement(by: Identity = NODE, *, ago: float = 0, to: str = "", **changes: Any) -> str:
    gateway = to or identity.own().peer_id
    return descriptions.write(said(**changes), by, gateway=gateway, now=time.time() - ago)


def post(path: str, body: object, *, by: Identity | None = None, header: str = "") -> Any:
    """The answer of the site to a node."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    if by:
        asked = Asked("POST", path, data)
        header = requests.write(asked, by, to=identity.own().peer_id, now=time.time())
    return Client().post(
        path, data, content_type="application/json", headers={"authorization": header}
    )


def beat(by: Identity = NODE, **how: Any) -> Any:
    return post("/nodes/v1/heartbeat", {"statement": statement(by, **how)}, by=by)


def rows() -> list[object]:
    """All that registering could change."""
    return [
        *Node.objects.values("peer_id", "operator", "state", "urls", "certificate", "free"),
        *Operator.objects.values(),
    ]
