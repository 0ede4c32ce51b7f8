"""The node's store: the embedded engine, taking the blocks of graphs bout by bout."""

from collections.abc import Iterable
from pathlib import Path

from node_bridge import EmbeddedEngine
from node_bridge.cid import ParsedCid

GRACE = 3600.0  # seconds for which what no lease holds is spared


class Store(EmbeddedEngine):
    """`quota` in bytes. Every acknowledged block survives a power cut."""

    def __init__(self, root: Path, *, quota: int, fsync: bool = True) -> None:
        super().__init__(root, quota=quota, grace=GRACE, fsync=fsync)

    def take(self, blocks: Iterable[tuple[ParsedCid, bytes]]) -> None:
        """Store blocks whose hashes the caller has checked, all of them or none.

        Raises OverQuota; durable on return.
        """
        with self._blocks.batch() as batch:
            for key, data in blocks:
                batch.put(key, data)
