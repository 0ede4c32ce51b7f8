"""What every node engine can do, and the shapes it answers in.

All engines give the same CIDs for the same bytes (profile `unixfs-v1-2025`),
are synchronous, and may be used from many threads at once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal, Protocol, runtime_checkable

from node_bridge.cid import Cid

PROFILE = "unixfs-v1-2025"  # IPIP-499
MAX_BLOCK = 2 * 1024 * 1024  # bytes; what every IPFS implementation still takes

Kind = Literal["file", "dir", "symlink", "block"]  # block: neither of UnixFS, whole or nothing
Codec = Literal["raw", "dag-pb", "dag-cbor", "dag-json", "cbor", "json"]
Scope = Literal["all", "entity", "block"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one call may touch, against hostile graphs."""

    walk_blocks: int = 1_000_000
    walk_bytes: int = 1 << 41  # 2 TiB
    depth: int = 64
    entries: int = 100_000  # names listed in one folder
    waiting: int = 200_000  # links a walk has seen and not yet followed


@dataclass(frozen=True, slots=True)
class Added:
    """What an add made. `size`: content bytes; `dag_size`: with the nodes above them."""

    cid: Cid
    size: int
    dag_size: int
    blocks: int
    new_blocks: int


@dataclass(frozen=True, slots=True)
class Stat:
    """What lies at a path. `size` is 0 for a folder; `target` is a symlink's text.

    roots: the CIDs of every part of the path, its last included, as their links have them
    """

    cid: Cid
    kind: Kind
    size: int
    dag_size: int
    target: str = ""
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a graph an archive holds, as the trustless gateway specification has it.

    scope: "all" of the graph; the one "entity" (a file whole, a folder with its
    names alone); the single "block" at the end of the path
    span: of a file, the bytes from the first to the last, both included;
    negative numbers count from the end, None is the end
    repeats: a block that is met again is written again
    """

    scope: Scope = "all"
    span: tuple[int, int | None] | None = None
    repeats: bool = False


WHOLE = Extent()


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in a folder. `dag_size` is what the folder says the child weighs."""

    name: str
    cid: Cid
    dag_size: int


@dataclass(frozen=True, slots=True)
class Pin:
    """A promise to keep a whole graph; one CID may be pinned under several names."""

    cid: Cid
    name: str
    created: datetime


@dataclass(frozen=True, slots=True)
class RepoStat:
    """Bytes and blocks held. `limit` is the quota in bytes, None for none."""

    used: int
    limit: int | None
    blocks: int
    path: str


@dataclass(frozen=True, slots=True)
class NodeInfo:
    engine: str
    version: str
    profile: str


@runtime_checkable
class NodeEngine(Protocol):
    """A store of content by CID. `path` is `<cid>` or `<cid>/folder/name`.

    Every method raises EngineDown when the engine cannot work; methods that
    take a CID raise BadCid; methods that write raise OverQuota and then leave
    nothing behind.
    """

    def info(self) -> NodeInfo: ...

    def selftest(self) -> None:
        """Compare a known CID; raises EngineDown when it differs."""

    # Write

    def add(
        self,
        src: BinaryIO | Iterable[bytes],
        *,
        pin: str | None = None,
        only_hash: bool = False,
        max_bytes: int | None = None,
    ) -> Added:
        """Store a file; on return it is durable, and pinned under `pin` when given.

        Raises TooBig past `max_bytes`, OverQuota when there is no room.
        """

    def add_dir(self, entries: Mapping[str, Cid], *, pin: str | None = None) -> Added:
        """Store a folder of stored content; `a/b` as a name makes folder `a`.

        Raises NotFound when an entry is not in the store, BadPath for a bad name.
        """

    def put_block(self, data: bytes, *, codec: str = "raw", expect: Cid | None = None) -> Cid:
        """Store one block of a Codec under its sha2-256, or the hash of `expect`.

        Raises Corrupt when it is not `expect`, BadBlock when it is not of the codec.
        """

    def import_car(
        self, src: BinaryIO, *, pin: str | None = None, max_bytes: int | None = None
    ) -> tuple[Cid, ...]:
        """Store every block of a CARv1, verified, or none; the answer is its roots."""

    # Read: every byte is verified before it is handed out

    def get_block(self, cid: Cid) -> bytes: ...

    def has(self, cid: Cid, *, recursive: bool = False) -> bool: ...

    def stat(self, path: str) -> Stat: ...

    def cat(self, path: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes of a file from `offset` on, at most `length`, in pieces of ≤ 2 MiB.

        Past the end there is nothing. The path is resolved at the call, the
        leaves are read as they are asked for.
        """

    def ls(self, path: str) -> Iterator[Entry]: ...

    def export_car(self, path: str, extent: Extent = WHOLE) -> Iterator[bytes]:
        """What lies at a path as CARv1: the blocks on the way, then those of the extent.

        Depth first, parents before children. Raises NotFound when the path
        leads nowhere or a part of a whole graph is missing; what is missing of
        less is found as the archive is read.
        """

    def blocks(self, cid: Cid) -> Iterator[Cid]:
        """Every block of a graph once, parents first; raises NotFound for one that is not here.

        Those that their CID carries are left out.
        """

    # Keep and free

    def pin(self, cid: Cid, *, name: str = "") -> Pin:
        """Keep a whole graph; raises NotFound when a part of it is missing."""

    def unpin(self, cid: Cid, *, name: str | None = None) -> None:
        """Let go of one name, or of all; letting go twice is no error."""

    def pins(self, *, cid: Cid | None = None, name: str | None = None) -> Iterator[Pin]: ...

    def gc(self, *, dry_run: bool = False) -> int:
        """Free what no pin holds and nobody added lately; the answer is in bytes."""

    def verify(self, cid: Cid | None = None) -> Iterator[Cid]:
        """CIDs of blocks that are damaged or (below `cid`) missing."""

    def repo_stat(self) -> RepoStat: ...
