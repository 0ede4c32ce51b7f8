"""Picking blocks of a graph at random, each as likely as it is large, without walking all of it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom

from node_bridge import Cid, dagpb
from node_bridge import cid as cids
from node_bridge.cid import DAG_PB
from node_bridge.errors import BadBlock

DEEPEST = 64
GetBlock = Callable[[Cid], bytes]
_chance = SystemRandom()


@dataclass(frozen=True, slots=True)
class Picked:
    cid: Cid
    data: bytes


def pick(root: Cid, get_block: GetBlock) -> Picked:
    """One block: down from the root, at each node by the weight its links tell.

    A node is itself picked as often as it is large. Raises what `get_block` raises, and BadBlock.
    """
    cid = root
    for _ in range(DEEPEST):
        data = get_block(cid)
        below = _below(cid, data)
        if below is None:
            return Picked(cid, data)
        cid = below
    raise BadBlock("The graph is too deep.")


def several(root: Cid, get_block: GetBlock, count: int) -> list[Picked]:
    """At most `count` different blocks."""
    found = {picked.cid: picked for picked in (pick(root, get_block) for _ in range(count))}
    return list(found.values())


def _below(cid: Cid, data: bytes) -> Cid | None:
    """The link to go down by; None to stay."""
    if cids.parse(cid).codec != DAG_PB:
        return None
    links = dagpb.decode(data).links
    weights = [len(data), *(max(link.dag_size, 1) for link in links)]
    (place,) = _chance.choices(range(len(weights)), weights)
    return str(links[place - 1].key) if place else None
