"""The reachability test: whether the node answers where it says it is, seen from both ends."""

import time
from collections.abc import Iterator

from gateway.node.beating import STALE, Heartbeat
from gateway.node.composing import Parts, heartbeat_of
from gateway.node.speaking import GatewaySaysNo, GatewaySilent
from node_bridge.network import asking
from node_bridge.network.addresses import Guard, opened
from node_bridge.network.asking import Wanted
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import PeerFailed
from node_bridge.network.providers import Provider

PROBE = "/ipfs/bafkqaaa?format=raw"
EVERYWHERE = ["0.0.0.0/0", "::/0"]
SECONDS = 10.0
CALLS_BACK = 30.0  # seconds the gateway has to call
REACHED = {"active", "leaving"}


def sentences(parts: Parts) -> Iterator[str]:
    """What was found, one sentence after the other. The node should be running."""
    for url in parts.config.public_urls:
        yield f"{url}: {_from_here(parts, url)}"
    yield f"{parts.config.gateway}: {_from_gateway(heartbeat_of(parts))}"


def _from_here(parts: Parts, url: str) -> str:
    """Whether our own certificate is shown there, as far as this machine can tell."""
    own = Provider(parts.identity.peer_id, url, parts.certificate.digest)
    connections = Connections(Guard(opened(EVERYWHERE)))  # the operator named it
    try:
        asking.exchange(connections, own, Call(SECONDS), Wanted("GET", PROBE))
    except PeerFailed as failure:
        return f"from this machine it cannot be reached. {failure}"
    finally:
        connections.close()
    return "answers with this node's certificate."


def _from_gateway(heartbeat: Heartbeat) -> str:
    """A heartbeat makes the gateway call a node that joins; its word is asked until it has."""
    until = time.monotonic() + CALLS_BACK
    while True:
        try:
            said = heartbeat.say()
        except (GatewaySilent, GatewaySaysNo) as error:
            if getattr(error, "name", "") == STALE and time.monotonic() < until:
                time.sleep(1.1)
                continue
            return f"the gateway would not say: {error}"
        state, why = str(said.get("state", "")), str(said.get("why", ""))
        if state in REACHED:
            return "the gateway reaches this node."
        if time.monotonic() > until or why:
            return f"the gateway does not reach this node yet ({state}). {why}".strip()
        time.sleep(2.0)
