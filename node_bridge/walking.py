"""Walks whole graphs by their links, each block once, within bounds."""

from collections.abc import Callable, Iterator

from node_bridge import dagpb, documents
from node_bridge.cid import DAG_PB, LINKLESS, ParsedCid
from node_bridge.engine import Limits
from node_bridge.errors import Corrupt, NotFound, TooBig, Unsupported
from node_bridge.reading import Reader

Below = Callable[[ParsedCid, Reader], list[ParsedCid]]


def links(key: ParsedCid, data: bytes) -> list[ParsedCid]:
    """What the bytes of a block link to; raises BadBlock, Unsupported."""
    if key.codec in LINKLESS:
        return []
    if key.codec in documents.CODECS:
        return list(documents.links(documents.read(key, data)))
    if key.codec != DAG_PB:
        raise Unsupported(f"{key} has a codec that is not understood here.")
    return [link.key for link in dagpb.decode(data).links]


def children(key: ParsedCid, reader: Reader) -> list[ParsedCid]:
    """What a block links to; raises NotFound, Corrupt, BadBlock, Unsupported."""
    return links(key, b"" if key.codec in LINKLESS else reader.block(key))


def sound_children(key: ParsedCid, reader: Reader) -> list[ParsedCid]:
    """The same, with nothing below a block that is damaged."""
    try:
        return children(key, reader)
    except (Corrupt, NotFound):
        return []


def walk(
    root: ParsedCid, reader: Reader, limits: Limits, below: Below = children
) -> Iterator[tuple[ParsedCid, int | None]]:
    """Each distinct block under the root, depth first, parents first, with its size in bytes.

    The size is None for a block that is not here; nothing below it is known.
    Only blocks that may link are read. A shared child is visited once, so a graph
    that folds out exponentially costs no more than its blocks. Raises TooBig
    past the limits, Unsupported for a codec whose links are unknown here.
    """
    seen: set[tuple[int, bytes]] = set()
    total = 0
    stack = [root]
    while stack:
        key = stack.pop()
        if (key.codec, key.digest) in seen:
            continue
        seen.add((key.codec, key.digest))
        size = reader.size(key)
        total += size or 0
        if len(seen) > limits.walk_blocks or total > limits.walk_bytes:
            raise TooBig(f"The graph under {root} is larger than this node will walk.")
        yield key, size
        if size is not None:
            fresh = dict.fromkeys(below(key, reader))  # each once, in its order
            _push(
                stack, [child for child in fresh if (child.codec, child.digest) not in seen], limits
            )


def unfold(root: ParsedCid, reader: Reader, limits: Limits) -> Iterator[ParsedCid]:
    """The blocks below the root, a shared one as often as it is met; raises TooBig, NotFound."""
    count = 0
    stack = children(root, reader)[::-1]
    while stack:
        key = stack.pop()
        count += 1
        if count > limits.walk_blocks:
            raise TooBig(f"The graph under {root} is larger than this node will walk.")
        yield key
        _push(stack, children(key, reader), limits)


def _push(stack: list[ParsedCid], below: list[ParsedCid], limits: Limits) -> None:
    """A few blocks can hold millions of links, and each that waits takes memory."""
    if len(stack) + len(below) > limits.waiting:
        raise TooBig("The graph is wider than this node will walk.")
    stack.extend(reversed(below))


def complete(root: ParsedCid, reader: Reader, limits: Limits) -> None:
    """Raises NotFound unless every block of the graph is here."""
    for key, size in walk(root, reader, limits):
        if size is None:
            raise NotFound(f"Block {key} of {root} is not in this node.")
