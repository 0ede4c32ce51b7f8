"""Bringing foreign content into the node: the whole graph under a root, or nothing of it.

Blocks are gathered in a folder of their own and come into the node together when all are there,
so a broken fetch leaves nothing behind, goes on where it stopped, and never takes a block that
lies here for somebody's private reasons for one that the network gave.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from node_bridge import EmbeddedEngine, Limits, NodeError, OverQuota, TooBig
from node_bridge.cid import parse
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
Told = Callable[[int], None]


class NobodyGave(Exception):
    """Nobody who is known gave all of it; another time somebody may."""


class TooMuch(Exception):
    """The graph has more bytes, blocks or depth than were allowed."""


class Unfit(Exception):
    """The bytes are not of a kind that is kept here."""


class _Gathering(EmbeddedEngine):
    """The folder of one fetch; says how many bytes lie in it each time some came."""

    def __init__(self, root: Path, told: Told) -> None:
        super().__init__(root, fsync=False)
        self._told = told

    def import_car(
        self, src: BinaryIO, *, pin: str | None = None, max_bytes: int | None = None
    ) -> tuple[str, ...]:
        roots = super().import_car(src, pin=pin, max_bytes=max_bytes)
        self._told(self.repo_stat().used)
        return roots


def pull(cid: str, *, origins: Sequence[str], most: int, told: Told, at: Path) -> int:
    """Fetch the graph under `cid` from `origins` and whom routers name; its bytes.

    origins: multiaddrs, those of no use are passed over
    most: bytes allowed
    told: called with the bytes gathered so far
    at: folder for what is gathered; stays when nobody gave the rest, to go on from
    Raises NobodyGave, TooMuch, Unfit, network.Full, network.Unreachable.
    """
    with _named_failures():
        gathered = _Gathering(at, told)
        fetcher = Fetcher(_finder(origins), guard=guard(), seconds=SECONDS)
        try:
            pulling.pull(parse(cid), gathered, fetcher, Limits(walk_bytes=most))
        finally:
            fetcher.close()
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
