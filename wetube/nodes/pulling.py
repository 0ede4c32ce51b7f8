"""Bringing foreign content into the node: the whole graph under a root, or nothing of it.

Blocks are gathered in a folder of their own and come into the node together when all are there,
so a broken fetch leaves nothing behind, goes on where it stopped, and never takes a block that
lies here for somebody's private reasons for one that the network gave.
"""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from pathlib import Path

from django.conf import settings

from node_bridge import EmbeddedEngine, Limits, NodeError, OverQuota, TooBig
from node_bridge.cid import ParsedCid, parse
from node_bridge.errors import BadBlock, BadCid, NotFound, Unsupported
from node_bridge.network import addresses, pulling
from node_bridge.network.addresses import Guard
from node_bridge.network.failures import BadAddress, NobodyHas, PeerFailed
from node_bridge.network.fetching import Fetcher
from node_bridge.network.providers import Finder, Listed, Provider, Together, listed
from node_bridge.streams import BytesOf
from wetube.content import network
from wetube.nodes import routers

SECONDS = 20.0  # until a block that nobody gave is given up
EVERY = 4 << 20  # bytes between two words on how far it is


class NobodyGave(Exception):
    """Nobody who is known gave all of it; another time somebody may."""


class TooMuch(Exception):
    """The graph has more bytes, blocks or depth than were allowed."""


class Unfit(Exception):
    """The bytes are not of a kind that is kept here."""


class Paused(Exception):
    """The fetch has had its time, and got on; what came is kept to go on from."""


@dataclass(frozen=True)
class Turn:
    """How a fetch tells how many bytes it has so far, and for how many seconds it may go on."""

    told: Callable[[int], None]
    seconds: float


class _Counting(Fetcher):
    """Says how far it is every few blocks, and stops when its turn is over."""

    def __init__(self, finder: Finder, turn: Turn, so_far: int) -> None:
        super().__init__(finder, guard=guard(), seconds=SECONDS)
        self._turn = turn
        self._end = time.monotonic() + turn.seconds
        self._size = self._said = so_far

    def block(self, key: ParsedCid, root: str) -> bytes:
        if time.monotonic() > self._end and self._size > self._said:
            raise Paused
        data = super().block(key, root)
        self._size += len(data)
        if self._size - self._said >= EVERY:
            self._said = self._size
            self._turn.told(self._size)
        return data


def pull(cid: str, *, origins: Sequence[str], most: int, turn: Turn, at: Path) -> int:
    """Fetch the graph under `cid` from `origins` and whom routers name; its bytes.

    origins: multiaddrs, those of no use are passed over
    most: bytes allowed
    at: folder for what is gathered; stays when nobody gave the rest, to go on from
    Raises NobodyGave, Paused, TooMuch, Unfit, network.Full, network.Unreachable.
    """
    with _named_failures():
        gathered = EmbeddedEngine(at, fsync=False)
        fetcher = _Counting(_finder(origins), turn, gathered.repo_stat().used)
        try:
            pulling.pull(parse(cid), gathered, fetcher, Limits(walk_bytes=most))
        finally:
            fetcher.close()
            turn.told(gathered.repo_stat().used)
        size = gathered.repo_stat().used
        archive = BufferedReader(BytesOf(gathered.export_car(cid)))
        network.engine().import_car(archive)
    forget(at)
    return size


def forget(at: Path) -> None:
    """Give up what was gathered in this folder."""
    shutil.rmtree(at, ignore_errors=True)


@cache
def guard() -> Guard:
    """Which machines this gateway calls when a stranger names them."""
    return Guard(addresses.opened(settings.NODE_RANGES))


def _finder(origins: Sequence[str]) -> Finder:
    return Together([Listed(list(_reachable(origins))), *routers.finders()])


def _reachable(origins: Sequence[str]) -> Iterator[Provider]:
    for origin in origins:
        try:
            yield listed(origin)
        except BadAddress:
            continue  # a libp2p address, mostly: other transports are for other engines


@contextmanager
def _named_failures() -> Iterator[None]:
    """What the bridge says, in this module's words."""
    try:
        yield
    except (NobodyHas, PeerFailed, NotFound) as error:
        raise NobodyGave(str(error)) from error
    except TooBig as error:
        raise TooMuch(str(error)) from error
    except (BadBlock, BadCid, Unsupported) as error:
        raise Unfit(str(error)) from error
    except OverQuota as error:
        raise network.Full(str(error)) from error
    except (NodeError, OSError) as error:
        raise network.Unreachable(str(error)) from error
