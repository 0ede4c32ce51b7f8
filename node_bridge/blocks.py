"""What the engines ask of a place that holds blocks by their digest, sha2-256 or sha2-512."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from node_bridge.cid import ParsedCid
from node_bridge.engine import RepoStat

Keep = Callable[[], set[bytes]]


class Batch(Protocol):
    """Blocks that become part of the store together, when the batch ends well, or not at all."""

    @property
    def new_blocks(self) -> int: ...

    def put(self, key: ParsedCid, data: bytes | memoryview) -> None:
        """Take a block whose digest the caller has computed; copies what it keeps."""


class Source(Protocol):
    """Where blocks are read from. Digests are 32 bytes of sha2-256 or 64 of sha2-512."""

    def get(self, digest: bytes) -> bytes:
        """Verified bytes; raises NotFound, or Corrupt."""

    def size(self, digest: bytes) -> int | None:
        """Bytes of a block, without reading it; None when it is not here."""


class Blocks(Source, Protocol):
    """A store of blocks."""

    def batch(self) -> AbstractContextManager[Batch]:
        """Raises OverQuota while it is filled or as it ends; then nothing was stored."""

    def digests(self) -> Iterator[bytes]: ...

    def usage(self) -> RepoStat: ...

    def sweep(self, keep: Keep, *, dry_run: bool) -> int:
        """Free what `keep()`, asked anew before each bout, does not name; bytes freed."""

    def hold(self) -> AbstractContextManager[object]:
        """While held, no sweep frees anything."""
