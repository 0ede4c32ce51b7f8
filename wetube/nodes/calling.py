"""Asking nodes: one request each, to a checked address, under the certificate that was agreed."""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings

from node_bridge.network import addresses, asking, requests
from node_bridge.network.addresses import Guard
from node_bridge.network.asking import Wanted
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import (
    Busy,
    CutShort,
    PeerFailed,
    TooSlow,
    Unreached,
    WrongCertificate,
)
from node_bridge.network.providers import Provider
from node_bridge.network.requests import Asked
from wetube.nodes import identity
from wetube.nodes.models import Node

SILENCE = (Unreached, TooSlow, Busy, CutShort, WrongCertificate)


class NodeSilent(Exception):
    """The node did not answer, or not in time; asking again later may help."""


class NodeSaysNo(Exception):
    """The node answered, and what it said is no."""


class NodeSaysNonsense(Exception):
    """The node answered something that makes no sense."""


def connections() -> Connections:
    """This process's lines to nodes."""
    return _connections(tuple(settings.NODE_RANGES))


def guard() -> Guard:
    """Which addresses nodes may have."""
    return Guard(addresses.opened(list(settings.NODE_RANGES)))


def provider(node: Node) -> Provider:
    """The node as those that read from it see it; the gateway shows who it is and pays nothing."""

    def passes(method: str, path: str) -> str:
        return signed(node, Asked(method, path)).removeprefix(requests.SCHEME)

    first, *others = node.urls
    pin = node.certificate or None
    return Provider(node.peer_id, first, pin, others=tuple(others), passes=passes)


def ask(node: Node, method: str, path: str, said: object = None, *, seconds: float = 10) -> Any:
    """Say `said` as JSON and read the answer as JSON; None for an empty one.

    Raises NodeSilent, NodeSaysNo, NodeSaysNonsense.
    """
    body = None if said is None else json.dumps(said).encode()
    answer = send(node, method, path, body, seconds=seconds)
    try:
        return json.loads(answer) if answer else None
    except ValueError as error:
        raise NodeSaysNonsense(f"{node} does not answer in JSON.") from error


def send(node: Node, method: str, path: str, body: bytes | None, *, seconds: float) -> bytes:
    """One signed request and the bytes of its answer; raises NodeSilent, NodeSaysNo."""
    authorization = signed(node, Asked(method, path, body or b""))
    wanted = Wanted(method, path, authorization, body)
    with _told_apart():
        return asking.exchange(connections(), provider(node), Call(seconds), wanted)


def push(node: Node, path: str, archive: Iterable[bytes], *, seconds: float) -> None:
    """PUT an archive as it is made; its blocks prove themselves. Raises NodeSilent, NodeSaysNo.

    What making it raises goes through.
    """
    authorization = signed(node, Asked("PUT", path, None))
    wanted = Wanted("PUT", path, authorization)
    with _told_apart():
        asking.hand_over(connections(), provider(node), Call(seconds), wanted, archive)


def signed(node: Node, asked: Asked) -> str:
    """The Authorization header of a request to this node."""
    return requests.write(asked, identity.own(), to=node.peer_id, now=time.time())


@contextmanager
def _told_apart() -> Iterator[None]:
    """No answer, or an answer that is no."""
    try:
        yield
    except SILENCE as error:
        raise NodeSilent(str(error)) from error
    except PeerFailed as error:
        raise NodeSaysNo(str(error)) from error


@cache
def _connections(ranges: tuple[str, ...]) -> Connections:
    return Connections(Guard(addresses.opened(list(ranges))))
