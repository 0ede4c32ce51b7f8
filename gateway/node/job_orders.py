"""Jobs as a gateway gives them, read as a stranger's words: what this node does not like, it
declines. What is to be encoded is judged again, field by field, by the program that encodes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.node import sources
from gateway.node.failures import BadSource
from gateway.node.sources import Source
from node_bridge import BadCid, Cid, cid
from node_bridge.network.addresses import Guard
from node_bridge.network.descriptions import Prices

KEY = re.compile(r"[A-Za-z0-9_-]{6,32}", re.ASCII)
RUNG = re.compile(r"[0-9]{1,4}", re.ASCII)
LONGEST = 12 * 3600.0  # seconds of output
MOST_RUNGS = 8
LEASES = (3, 600)  # seconds between which a lease must lie


class Declined(Exception):
    """This node does not do this job; the message says why."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What this node is willing to do. Sizes in bytes; `able` are the words it understands."""

    able: frozenset[str]
    most_source: int
    most_result: int
    prices: Prices


@dataclass(frozen=True, slots=True)
class Order:
    """A job that was taken. `lease` is seconds from one sign of life to the next, at most."""

    key: str
    spec: Mapping[str, Any]
    cid: Cid
    size: int
    source: Source
    most_bytes: int
    lease: int
    patience: float

    @property
    def target(self) -> str:
        """The path of the source's bytes."""
        return f"{self.source.prefix}/ipfs/{self.cid}"


def key_of(said: Mapping[str, Any]) -> str:
    """The job's key; raises Declined where there is none that could be named to the gateway."""
    key = said.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise Declined("The job has no key.")
    return key


def read(said: Mapping[str, Any], bounds: Bounds, guard: Guard) -> Order:
    """Raises Declined."""
    if said.get("kind") != "transcode" or said.get("needs") not in bounds.able:
        raise Declined("This node does not know such work.")
    spec, given = said.get("spec"), said.get("source")
    if not isinstance(spec, dict) or not isinstance(given, dict):
        raise Declined("The job has no order or no source.")
    size = _whole(given, "size", bounds.most_source)
    _check_price(said, bounds.prices)
    return Order(
        key=key_of(said),
        spec=spec,
        cid=_cid(given.get("cid")),
        size=size,
        source=_place(given.get("url"), guard),
        most_bytes=_whole(said, "most_bytes", bounds.most_result),
        lease=max(_whole(said, "lease", LEASES[1]), LEASES[0]),
        patience=_whole(said, "patience", 1 << 31),
    )


def _check_price(said: Mapping[str, Any], prices: Prices) -> None:
    """The gateway pays what is on our list, or nobody works."""
    rungs, seconds = said.get("rungs"), said.get("seconds")
    if not isinstance(rungs, list) or not 0 < len(rungs) <= MOST_RUNGS:
        raise Declined(f"A job has one to {MOST_RUNGS} rungs.")
    if not all(isinstance(rung, str) and RUNG.fullmatch(rung) for rung in rungs):
        raise Declined("A rung is named by a number of pixels.")
    if rungs != _spec_rungs(said["spec"]):
        raise Declined("Other rungs are to be paid than are to be made.")
    if not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST:  # nan is neither
        raise Declined("The job's length is no number of seconds, or longer than any film.")
    if _whole(said, "price", 1 << 53) < prices.for_rungs(rungs):
        raise Declined("The job is paid below this node's list.")


def _spec_rungs(spec: Mapping[str, Any]) -> Sequence[object]:
    rungs = spec.get("rungs")
    return [rung.get("name") for rung in rungs if isinstance(rung, dict)] if rungs else []


def _cid(text: object) -> Cid:
    try:
        return cid.canonical(text if isinstance(text, str) else "")
    except BadCid as error:
        raise Declined(f"The source's CID cannot be read: {error}") from error


def _place(url: object, guard: Guard) -> Source:
    try:
        return sources.parse([url], guard)[0]
    except BadSource as error:
        raise Declined(str(error)) from error


def _whole(given: Mapping[str, Any], name: str, most: int) -> int:
    value = given.get(name)
    if type(value) is not int or not 0 <= value <= most:
        raise Declined(f"The job's {name} is no whole number from 0 to {most}.")
    return value
