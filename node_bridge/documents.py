"""Documents: DAG-CBOR and DAG-JSON blocks, of which only the links matter here."""

import json
from collections.abc import Iterator
from typing import Any

from node_bridge import cid, dagcbor
from node_bridge.cid import DAG_CBOR, DAG_JSON, ParsedCid
from node_bridge.dagcbor import Value
from node_bridge.errors import BadBlock, BadCid, NotFound, Unsupported

CODECS = frozenset((DAG_CBOR, DAG_JSON))


def read(key: ParsedCid, block: bytes) -> Value:
    """A document with its links as CIDs; raises BadBlock."""
    if key.codec == DAG_CBOR:
        return dagcbor.decode(block)
    try:
        value: Value = json.loads(block, object_hook=_linked, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise BadBlock(f"A DAG-JSON document is malformed: {error}") from error
    except BadCid as error:
        raise BadBlock(f"A DAG-JSON document has a bad link: {error}") from error
    return value


def links(value: Value) -> Iterator[ParsedCid]:
    """Every link, in the order they stand in."""
    stack = [value]
    while stack:
        match stack.pop():
            case ParsedCid() as link:
                yield link
            case dict() as items:
                stack.extend(reversed(items.values()))
            case list() as values:
                stack.extend(reversed(values))


def follow(value: Value, names: list[str]) -> tuple[ParsedCid, list[str]]:
    """The first link on a path through a document, and the names behind it.

    Raises NotFound where a name leads nowhere, Unsupported where the path ends
    before any link: parts of documents are not served.
    """
    for place, name in enumerate(names):
        value = _step(value, name)
        if isinstance(value, ParsedCid):
            return value, names[place + 1 :]
    raise Unsupported("This path ends inside a document, and only whole blocks are served here.")


def _step(value: Value, name: str) -> Value:
    if isinstance(value, dict) and name in value:
        return value[name]
    if isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 10:
        place = int(name)
        if place < len(value):
            return value[place]
    raise NotFound(f"There is no {name!r} in this document.")


def _linked(items: dict[str, Any]) -> Any:
    """`{"/": "<cid>"}` is a link."""
    target = items.get("/")
    return cid.parse(target) if len(items) == 1 and isinstance(target, str) else items


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not a number.")
