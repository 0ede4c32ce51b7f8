"""Who may have a block, and how to read from them: what a finder answers."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from node_bridge.cid import Cid
from node_bridge.network import addresses
from node_bridge.network.failures import BadAddress


class Order(Protocol):
    """What one client may take from one node under one order limit."""

    @property
    def token(self) -> str:
        """The order limit as the gateway signed it; goes along as `Authorization: Bearer`."""

    @property
    def max_bytes(self) -> int: ...

    def receipt(self, size: int) -> str:
        """The client's signed word that `size` verified bytes have come so far."""


Orders = Callable[[Cid], Order]  # a fresh order for what lies under a root; may ask a gateway
Passes = Callable[[str, str], str]  # signs one request of this method and path (requests.py)


@dataclass(frozen=True, slots=True)
class Provider:
    """A node that may have a block, reached at `url` (https, no slash at its end).

    certificate: hex sha256 of the one its TLS must show (DER), None for any that a public
    authority vouches for
    others: more addresses of it, tried when that one does not answer
    name: whom that certificate is for, where it is not the URL's host
    paid: where reading is paid for: makes orders, else None; raises PeerFailed
    passes: where we show who we are instead: the statement after `Authorization: WeTube`
    """

    peer_id: str
    url: str
    certificate: str | None = None
    name: str = ""
    others: tuple[str, ...] = field(default=(), compare=False)
    paid: Orders | None = field(default=None, compare=False, repr=False)
    passes: Passes | None = field(default=None, compare=False, repr=False)


class Finder(Protocol):
    """Knows where bytes lie. It is asked from many threads, before every block."""

    def find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        """Who may have `cid`, a block of the graph under `root`; empty when nobody is known.

        Canonical CIDs. Raises nothing: who cannot look answers with nobody.
        """


class Listed:
    """A finder that names the same nodes for everything."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._providers = tuple(providers)

    def find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        return self._providers


class Remembered:
    """A finder whose answers count for some seconds.

    Who holds a whole graph is asked for all of its blocks; where nobody is known to, each block is
    looked for by itself.
    """

    def __init__(self, finder: Finder, seconds: float = 5.0, most: int = 1_000) -> None:
        self._finder = finder
        self._seconds = seconds
        self._most = most
        self._known: OrderedDict[Cid, tuple[float, Sequence[Provider]]] = OrderedDict()
        self._lock = Lock()

    def find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        return self._look(root, root) or (self._look(cid, root) if cid != root else ())

    def _look(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        now = time.monotonic()
        with self._lock:
            until, found = self._known.get(cid, (0.0, ()))
        if until > now:
            return found
        found = self._finder.find(cid, root)
        with self._lock:
            self._known[cid] = now + self._seconds, found
            self._known.move_to_end(cid)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


class Together:
    """Several finders as one: each node once, in the order in which they are named."""

    def __init__(self, finders: Sequence[Finder]) -> None:
        self._finders = tuple(finders)

    def find(self, cid: Cid, root: Cid) -> Sequence[Provider]:
        found: dict[str, Provider] = {}
        for finder in self._finders:
            for provider in finder.find(cid, root):
                found.setdefault(provider.url, provider)
        return tuple(found.values())


def listed(text: str) -> Provider:
    """A provider out of settings: a URL or a multiaddr, `#` and its certificate's sha256.

    Its peer id is its address where the multiaddr names none. Raises BadAddress.
    """
    place, _, certificate = text.partition("#")
    address = addresses.parse(place)
    if certificate and not addresses.SHA256.fullmatch(certificate):
        raise BadAddress("After the # stands the sha256 of a certificate: 64 hex digits.")
    peer_id, pin = address.peer_id or address.url, certificate.lower() or None
    return Provider(peer_id, address.url, pin, name=address.name)
