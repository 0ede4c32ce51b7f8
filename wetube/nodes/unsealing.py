"""Reading private bytes: any range, from any k of n nodes, the next stripes asked for early."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, lru_cache

from node_bridge import Cid, NodeError
from node_bridge import cid as cids
from node_bridge.network import coding, manifests
from node_bridge.network.coding import BadSeal, Seal, TooFewShards
from node_bridge.network.manifests import BadManifest, Manifest, Part
from node_bridge.network.striping import PURPOSE
from node_bridge.nodes import FileNode, parse
from wetube.content.network import Unreachable
from wetube.nodes import shards
from wetube.nodes.models import Placement
from wetube.nodes.shards import Holders

__all__ = ["BadSeal", "NotStored", "Unreachable", "read_private", "size_of"]

AHEAD = 2  # stripes on their way beside the one that is read


class NotStored(Exception):
    """Nothing is kept under this reference."""


def size_of(reference: Cid, key: bytes) -> int:
    """Bytes of the file; raises what `read_private` raises."""
    return _manifest(reference, key).size


def read_private(
    reference: Cid, key: bytes, offset: int = 0, length: int | None = None
) -> Iterator[bytes]:
    """The bytes from `offset` on, at most `length`; past the end there is nothing.

    Raises NotStored, BadSeal for another key, and Unreachable where too few nodes answer, here
    or as the bytes are read.
    """
    manifest = _manifest(reference, key)
    end = manifest.size if length is None else min(manifest.size, offset + length)
    return _Reading(manifest, Seal(key, PURPOSE)).range(offset, end)


class _Reading:
    """One reader's way through the stripes; who holds what is looked up once a part."""

    def __init__(self, manifest: Manifest, seal: Seal) -> None:
        self._manifest = manifest
        self._seal = seal
        self._holders: dict[str, Holders] = {}

    def range(self, start: int, end: int) -> Iterator[bytes]:
        stripe = self._manifest.codec.stripe
        coming: deque[tuple[int, Future[bytes]]] = deque()
        ahead = iter(range(start // stripe, -(-end // stripe)) if start < end else ())
        try:
            while True:
                while len(coming) <= AHEAD and (number := next(ahead, None)) is not None:
                    coming.append((number, _pool().submit(self._stripe, *self._located(number))))
                if not coming:
                    return
                number, future = coming.popleft()
                data = memoryview(self._opened(number, future))
                first = number * stripe
                yield bytes(data[max(start - first, 0) : end - first])
        finally:
            for _, future in coming:
                future.cancel()

    def _located(self, number: int) -> tuple[Part, int, Holders]:
        part, within = self._manifest.at(number)
        if part.set not in self._holders:
            placement = Placement.objects.filter(root=part.set).first()
            self._holders[part.set] = shards.holders(placement) if placement else {}
        return part, within, self._holders[part.set]

    def _stripe(self, part: Part, within: int, holders: Holders) -> bytes:
        """The sealed stripe, joined; in a thread of the pool, without the database."""
        codec = self._manifest.codec
        named = {number: column[within] for number, column in enumerate(part.shards)}
        found = shards.gather(named, holders, count=codec.k)
        return codec.decode(coding.matching(found, codec.k))

    def _opened(self, number: int, future: "Future[bytes]") -> bytes:
        try:
            return self._seal.open(number, future.result())
        except TooFewShards as error:
            raise Unreachable(str(error)) from error


@lru_cache(maxsize=256)
def _manifest(reference: Cid, key: bytes) -> Manifest:
    placement = Placement.objects.filter(root=reference, holder__startswith="private:").first()
    if placement is None:
        raise NotStored("Nothing is kept under this reference.")
    try:
        return manifests.unseal(_whole(placement), key)
    except BadManifest as error:
        raise Unreachable(str(error)) from error


def _whole(placement: Placement) -> bytes:
    """The sealed manifest: a file of a few blocks, from our own node or any holder."""
    try:
        root = _block(placement, placement.root)
        if cids.parse(placement.root).codec == cids.RAW:
            return root
        node = parse(root)
        assert isinstance(node, FileNode)  # noqa: S101 - a manifest was added as a file
        return b"".join(_block(placement, str(child)) for child in node.children)
    except NodeError as error:
        raise Unreachable(str(error)) from error


def _block(placement: Placement, cid: Cid) -> bytes:
    """Any copy does: the whole ones are read as if they were the shards of a 1-of-n code."""
    holders = dict(enumerate(shards.copies(placement)))
    named = dict.fromkeys(range(len(holders) or 1), cid)
    return next(iter(shards.gather(named, holders, count=1).values()))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8, thread_name_prefix="stripes")
