"""Which form of some content a request wants: as people see it, one raw block, or an archive.

Formats: IPFS path gateway and trustless gateway specifications. `?format=…`
wins over Accept; the details of an archive come from either.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.asgi import Request
from gateway.refusals import Malformed, Refused
from node_bridge import Extent, Scope

Format = Literal["", "raw", "car", "json", "cbor", "dag-json", "dag-cbor"]  # "": as it is

RAW, CAR = "application/vnd.ipld.raw", "application/vnd.ipld.car"
MEDIA: Mapping[str, str] = {
    RAW: "raw",
    CAR: "car",
    "application/json": "json",
    "application/cbor": "cbor",
    "application/vnd.ipld.dag-json": "dag-json",
    "application/vnd.ipld.dag-cbor": "dag-cbor",
    "application/x-tar": "tar",
    "application/vnd.ipfs.ipns-record": "ipns-record",
}
TYPES: Mapping[str, str] = {name: media for media, name in MEDIA.items()}
NOT_OFFERED = frozenset(("tar", "ipns-record"))
SCOPES: Mapping[str, Scope] = {"all": "all", "entity": "entity", "block": "block"}
SPAN = re.compile(r"(-?[0-9]{1,15}):(\*|-?[0-9]{1,15})", re.ASCII)
MOST_ACCEPTED = 64  # media types of an Accept header that are looked at


class NotOffered(Refused):
    """A form that the standard knows and this gateway does not make."""

    status = 406


@dataclass(frozen=True, slots=True)
class Wanted:
    """A form, and what the request says of an archive's details."""

    format: Format = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Archive:
    """The archive that is wanted, and the media type that says what it is."""

    extent: Extent

    @property
    def media_type(self) -> str:
        return f"{CAR}; version=1; order=dfs; dups={'y' if self.extent.repeats else 'n'}"


def wanted(request: Request) -> Wanted:
    """Raises Malformed for a form nobody knows, NotOffered for one that is not made here."""
    media, details = _accepted(request.headers.get("accept", ""))
    name = request.query.get("format", media)
    if name in NOT_OFFERED:
        raise NotOffered(f"This gateway does not answer in the form {name!r}.")
    if name and name not in TYPES:
        raise Malformed("This gateway knows format=raw, car, json, cbor, dag-json and dag-cbor.")
    known: Format = name  # type: ignore[assignment]  # one of TYPES that is offered
    return Wanted(known, details if name == media else {})


def archive(request: Request, details: Mapping[str, str]) -> Archive:
    """The archive a request wants; raises Malformed for what no archive can be."""
    version = _detail(request, details, "version", "1")
    order = _detail(request, details, "order", "dfs")
    repeats = _detail(request, details, "dups", "n")
    if version != "1":
        raise Malformed("Archives are CAR of version 1 here.")
    if order not in {"dfs", "unk"} or repeats not in {"y", "n"}:
        raise Malformed("An archive's order is dfs or unk, and its dups are y or n.")
    return Archive(Extent(*_part(request), repeats=repeats == "y"))


def _part(request: Request) -> tuple[Scope, tuple[int, int | None] | None]:
    """`dag-scope` and `entity-bytes`; a span of bytes is always of one entity."""
    scope, text = request.query.get("dag-scope"), request.query.get("entity-bytes")
    if scope is not None and scope not in SCOPES:
        raise Malformed("dag-scope is all, entity or block.")
    if text is None:
        return SCOPES[scope or "all"], None
    match = SPAN.fullmatch(text)
    if match is None:
        raise Malformed("entity-bytes is from:to, such as 0:1023, 512:* or -5:*.")
    first, last = int(match[1]), None if match[2] == "*" else int(match[2])
    if last is not None and last < first and (last < 0) == (first < 0):
        raise Malformed("entity-bytes ends before it begins.")
    return ("block", None) if scope == "block" else ("entity", (first, last))


def _detail(request: Request, details: Mapping[str, str], name: str, usual: str) -> str:
    """The query's word first: it is part of the address, and so of every cache's key."""
    return request.query.get(f"car-{name}") or details.get(name) or usual


def _accepted(header: str) -> tuple[str, Mapping[str, str]]:
    """The form that Accept likes best of those that have a name here, and its parameters."""
    best, weight = ("", dict[str, str]()), 0.0
    for entry in header.split(",")[:MOST_ACCEPTED]:
        media, *words = (word.strip() for word in entry.split(";"))
        name = MEDIA.get(media.lower())
        pairs = (word.partition("=") for word in words)
        parameters = {key.strip().lower(): value.strip(' "') for key, _, value in pairs}
        liked = _weight(parameters.get("q", "1"))
        if name and liked > weight:
            best, weight = (name, parameters), liked
    return best


def _weight(text: str) -> float:
    """RFC 9110 §12.4.2; what is no number counts as none."""
    return float(text) if re.fullmatch(r"[01](\.[0-9]{0,3})?", text, re.ASCII) else 0.0
