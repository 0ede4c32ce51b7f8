"""What the gateway asks of the site it stands in front of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.refusals import Refused
from node_bridge import Cid, NodeEngine


class NotReceived(Refused):
    """The site does not want this file after all; its sentence says why."""

    status = 422


class Door(Protocol):
    """Knows what anyone may see. What it does not call open needs a grant."""

    async def is_open(self, cid: Cid) -> bool:
        """May anyone have all that lies under this root?"""

    async def is_part_open(self, cid: Cid) -> bool:
        """Does this block lie under an open root? Clients that verify ask for blocks alone."""

    async def is_declined(self, path: str) -> bool:
        """Is this, `<cid>` or `<cid>/<path>`, not served here at all, to nobody?"""

    async def is_name_open(self, name: str) -> bool:
        """May anyone follow this name?"""

    async def resolve(self, name: str) -> Cid | None:
        """The root that a name stands for now, None when there is no such name."""


class Receiver(Protocol):
    """Takes uploads that are whole and on disk."""

    async def finished(self, key: str, path: Path, size: int, filename: str) -> str:
        """Take the file at `path`; answers the URL to show. May be called again for the same key.

        `filename` is what the client called it: data, never a path. Raises
        NotReceived with a sentence when the file is not wanted after all.
        """


class Meter(Protocol):
    """Keeps account of the bytes delivered under each grant."""

    async def delivered(self, counts: Mapping[str, int]) -> None:
        """Bytes by grant key since the last call; what raises is handed over again later."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A small request, whole; header names are lower case, of a query each name's last value."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


class Counter(Protocol):
    """Takes payment for what lies under /pay/, and reads the chain for those who pay, at /rpc."""

    async def serve(self, asked: Asked) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of the answer."""


HTTP_GATEWAY = "transport-ipfs-gateway-http"  # multicodec's name of the trustless gateway


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody who has bytes: a PeerId, multiaddrs, and how the bytes are asked for."""

    peer_id: str
    addrs: tuple[str, ...]
    protocols: tuple[str, ...] = (HTTP_GATEWAY,)


class Router(Protocol):
    """Knows who in the network has what. It is asked only of CIDs that the Door calls open."""

    async def providers(self, cid: Cid) -> Sequence[Peer]:
        """Who gives away the bytes of this root, the best first."""

    async def peer(self, peer_id: str) -> Peer | None:
        """Where this peer is now."""


class Far(Protocol):
    """Reads from other nodes what the gateway's own lacks. It is used from many threads."""

    def under(self, root: Cid) -> NodeEngine:
        """An engine that asks who holds what lies under this root."""


@dataclass(frozen=True, slots=True)
class Site:
    """All of it together. Without a counter nothing is sold here, without a router none told,
    without far there is nothing but what is here.
    """

    door: Door
    receiver: Receiver
    meter: Meter
    counter: Counter | None = None
    router: Router | None = None
    far: Far | None = None
