"""Which nodes keep what: weighted rendezvous hashing (Thaler and Ravishankar 1998; weights by
Schindelhauer and Schomaker 2005).

Every node draws a number for every CID; the best ones win. A node that comes or
goes moves only what it wins or leaves behind, and nobody keeps a table.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address, ip_network
from math import log

from node_bridge.network.identity import PeerId

RESOLUTION = 1 << 52  # with half a step more, every draw is a float below one


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node that could take a part. `weight` is its free bytes × its reputation."""

    peer_id: PeerId
    operator: str
    prefix: str
    weight: float


def choose(
    cid: str,
    candidates: Iterable[Candidate],
    count: int,
    *,
    operators: Collection[str] = (),
    prefixes: Collection[str] = (),
) -> list[Candidate]:
    """At most `count` nodes for `cid`, best first, no two of one operator or prefix.

    `operators` and `prefixes` are those that hold a part already. The answer is shorter
    where there are not enough; a node of weight nothing is never chosen.
    """
    chosen: list[Candidate] = []
    used_operators, used_prefixes = set(operators), set(prefixes)
    for candidate in ranked(cid, candidates):
        if len(chosen) >= count:
            break
        if candidate.operator in used_operators or candidate.prefix in used_prefixes:
            continue
        used_operators.add(candidate.operator)
        used_prefixes.add(candidate.prefix)
        chosen.append(candidate)
    return chosen


def ranked(cid: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    """All that have any weight, the best for `cid` first."""
    able = [candidate for candidate in candidates if candidate.weight > 0]
    return sorted(able, key=lambda each: (_draw(cid, each), each.peer_id), reverse=True)


def prefix_of(address: str) -> str:
    """The /24 (IPv4) or /48 (IPv6) an address lies in; raises ValueError."""
    ip = ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip_network((mapped, 24 if mapped.version == 4 else 48), strict=False))


def _draw(cid: str, candidate: Candidate) -> float:
    """−weight / ln(u), u even between nothing and one: the chance to win is as the weight."""
    digest = sha256(f"{cid}\0{candidate.peer_id}".encode()).digest()
    even = ((int.from_bytes(digest[:8], "big") >> 12) + 0.5) / RESOLUTION
    return -candidate.weight / log(even)
