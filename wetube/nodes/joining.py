"""Calling a node back: it answers where it says it is, under the certificate it named."""

import json
from dataclasses import replace
from ipaddress import ip_address

from django.utils.translation import gettext as _

from node_bridge.network import addresses, asking
from node_bridge.network.addresses import Address, Guard
from node_bridge.network.asking import Wanted
from node_bridge.network.connections import Call
from node_bridge.network.failures import Garbled, PeerFailed, Unreached
from node_bridge.network.placement import prefix_of
from wetube.core import claims
from wetube.core.states import TransitionRefused
from wetube.nodes import calling, presence
from wetube.nodes.models import Node

HEALTH = "/health"  # says among other things which node it is
SECONDS = 10.0


def call_back(node_id: int) -> bool:
    """Let the node in if it can be reached; False if not now, with the reason in its row.

    TLS is under the certificate that the node's own statement names, so whoever answers holds
    that key; and it must call itself by this node's name, for a statement may as well name the
    address and the certificate of another. Another hand at it, or a node that is not joining, is
    left alone.
    """
    node = Node.objects.filter(state=Node.State.JOINING).claim(node_id, until=claims.until())
    if node is None:
        return False
    try:
        prefix = _reached(node)
    except PeerFailed as error:
        why = _("It could not be reached from here: %(why)s") % {"why": error}
        Node.objects.filter(pk=node.pk, state=Node.State.JOINING).update(why=why[:300])
        node.release()
        return False
    try:
        presence.let_in(node, prefix=prefix)
    except TransitionRefused:
        return False
    return True


def waiting() -> list[int]:
    """Nodes that join and that nobody is calling now."""
    return list(
        Node.objects.filter(state=Node.State.JOINING).unclaimed().values_list("pk", flat=True)
    )


def _reached(node: Node) -> str:
    """The prefix of the first of its addresses that it answers at; raises PeerFailed."""
    why: PeerFailed = Unreached(_("It names no address."))
    for url in node.urls:
        try:
            return _reached_at(url, node)
        except PeerFailed as failure:
            why = failure
    raise why


def _reached_at(url: str, node: Node) -> str:
    """The name is looked up once: what answers is what is counted, whatever it says next."""
    there = located(url)
    provider = replace(calling.provider(node), url=there.url, name=there.name, others=())
    wanted = Wanted("GET", HEALTH)
    answer = asking.exchange(calling.connections(), provider, Call(SECONDS), wanted)
    if _name_in(answer) != node.peer_id:
        raise Garbled("Another node answers there.")
    return prefix(there.url)


def located(url: str) -> Address:
    """The machine behind a node's URL, by its IP address; raises PeerFailed."""
    address = addresses.parse(url)
    return replace(address, host=calling.guard().look_up(address.host, address.port)[0])


def _name_in(answer: bytes) -> object:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return said.get("peer_id") if isinstance(said, dict) else None


def prefix(url: str) -> str:
    """The network a node's address lies in; on opened ranges, as in tests, the address
    with its port, for there all nodes share one machine. Raises PeerFailed.
    """
    address = addresses.parse(url)
    ip = calling.guard().look_up(address.host, address.port)[0]
    if Guard().allows(ip_address(ip)):
        return prefix_of(ip)
    return f"{ip}:{address.port}"
