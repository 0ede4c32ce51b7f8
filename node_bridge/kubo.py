"""The node for more than one machine: content in a Kubo, reached over its RPC.

It gives the same CIDs as the embedded node, and Kubo is believed in nothing:
every block that it hands out is hashed here, every CID that it names for what
was sent is compared with our own, and a failure after its "200" is noticed.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import IO, BinaryIO

from node_bridge import building, car, cid, cutting, outlines, walking
from node_bridge.cid import RAW, Cid, ParsedCid
from node_bridge.engine import PROFILE, WHOLE, Added, Extent, Limits, NodeInfo, Pin
from node_bridge.errors import Corrupt, EngineDown, NodeError, NotFound
from node_bridge.kubo_blocks import KuboBlocks
from node_bridge.kubo_pins import KuboPins
from node_bridge.kubo_rpc import PLAIN, Options, Rpc, Rules
from node_bridge.local import KNOWN, LocalEngine
from node_bridge.outlines import Progress
from node_bridge.pins import PinBook
from node_bridge.streams import BytesOf

PROVIDER = 4  # the kind of a line of `routing/findprovs` that names one


@dataclass(frozen=True, slots=True)
class Holder:
    """A peer that says it has a block: its id, and its addresses as multiaddrs."""

    peer_id: str
    addresses: tuple[str, ...]


class KuboEngine(LocalEngine):
    """Any number of threads and processes may use one Kubo at once.

    pins: another book of pins, where a cluster keeps them
    """

    def __init__(
        self,
        rpc: Rpc,
        rules: Rules = PLAIN,
        *,
        limits: Limits | None = None,
        pins: PinBook | None = None,
    ) -> None:
        self._rpc = rpc
        self._reach = rules.long_reach
        self._grace = timedelta(seconds=rules.grace)
        self._kubo = KuboBlocks(rpc, rules)
        self._own_pins = KuboPins(rpc, rules)
        super().__init__(self._kubo, pins or self._own_pins, limits)

    def info(self) -> NodeInfo:
        version = str(self._rpc.call("version").get("Version", ""))
        return NodeInfo(type(self).__name__, f"Kubo {version}", PROFILE)

    def selftest(self) -> None:
        """As Kubo is configured it must name files as everybody here does."""
        super().selftest()
        probe = [bytes(building.LEAF), b"\0"]
        made = self._rpc.send("add", probe, only_hash=True, pin=False, quieter=True)
        if not made or made[-1].get("Hash") != KNOWN:
            raise EngineDown(
                f"This Kubo names a known file {made[-1:]}, not {KNOWN}: run"
                f" `ipfs config profile apply {PROFILE}` and start it again."
            )

    def add(
        self,
        src: BinaryIO | Iterable[bytes],
        *,
        pin: str | None = None,
        only_hash: bool = False,
        max_bytes: int | None = None,
        progress: Progress | None = None,
    ) -> Added:
        """The file is read twice: to learn what of it is missing, and to send that, which
        `progress` follows.
        """
        if only_hash:
            return super().add(src, only_hash=True, max_bytes=max_bytes)
        with self._replayable(src, max_bytes) as file:
            start = file.tell()
            outline = outlines.draw(file, max_bytes=max_bytes)
            sizes = outline.sizes
            fresh = {digest for digest in sizes if self._kubo.size_here(digest) is None}
            self._kubo.check_room(sum(sizes[digest] for digest in fresh))
            if fresh:
                file.seek(start)
                self._kubo.send(outline.sections(file, fresh, progress), len(fresh))
        root = outline.root
        self._own_pins.spare(str(root.key))
        added = Added(str(root.key), root.size, root.dag_size, outline.blocks, len(fresh))
        return self._kept(added, pin)

    def add_dir(self, entries: Mapping[str, Cid], *, pin: str | None = None) -> Added:
        added = super().add_dir(entries, pin=pin)
        self._own_pins.spare(added.cid)
        return added

    def put_block(self, data: bytes, *, codec: str = "raw", expect: Cid | None = None) -> Cid:
        name = super().put_block(data, codec=codec, expect=expect)
        self._own_pins.spare(name, recursive=False)
        return name

    def import_car(
        self, src: BinaryIO, *, pin: str | None = None, max_bytes: int | None = None
    ) -> tuple[Cid, ...]:
        """What has no name yet is spared for a while if it is whole, as with the other adds."""
        roots = super().import_car(src, pin=pin, max_bytes=max_bytes)
        for root in roots if pin is None else ():
            with suppress(NodeError):
                # Kubo would wait for what is missing, whatever it is told.
                walking.complete(_parsed(root), self._reader, self._limits)
                self._own_pins.spare(root)
        return roots

    def export_car(self, path: str, extent: Extent = WHOLE) -> Iterator[bytes]:
        """A whole graph comes in one stream of Kubo's; it is held against our own walk."""
        if extent != WHOLE or "/" in path.rstrip("/"):
            return super().export_car(path, extent)
        root = self._reader.resolve(path)
        walking.complete(root, self._reader, self._limits)
        return car.write([root], self._exported(root))

    def pin(self, cid: Cid, *, name: str = "") -> Pin:
        key = _parsed(cid)
        walking.complete(key, self._reader, self._limits)  # Kubo's own walk has no bounds
        return self._pins.keep(str(key), name)[0]

    def gc(self, *, dry_run: bool = False) -> int:
        """Kubo sweeps what none of its pins holds, those of others included."""
        before = datetime.now(UTC) - self._grace
        if dry_run:
            keep = partial(self._own_pins.held_without, spared_before=before)
            return self._kubo.sweep(keep, dry_run=True)
        self._own_pins.stop_sparing(before=before)
        freed = self._kubo.sweep(self._own_pins.held, dry_run=False)
        self._reader.forget()
        return freed

    def verify(self, cid: Cid | None = None) -> Iterator[Cid]:
        """Kubo looks through the whole of its repository itself; below a CID we do."""
        return self._damaged() if cid is None else super().verify(cid)

    def find_providers(self, cid: Cid, *, limit: int = 20, seconds: float = 10.0) -> list[Holder]:
        """Who else says they have a block, found by the routing that Kubo is set up with."""
        options: dict[str, Options] = {"num_providers": limit, "timeout": f"{seconds}s"}
        found: dict[str, Holder] = {}
        with suppress(NotFound):  # the time is over; who was found by then is named
            for line in self._rpc.lines("routing/findprovs", str(_parsed(cid)), **options):
                for peer in (line.get("Responses") or ()) if line.get("Type") == PROVIDER else ():
                    found[str(peer["ID"])] = Holder(str(peer["ID"]), tuple(peer["Addrs"] or ()))
        return list(found.values())

    @contextmanager
    def _replayable(
        self, src: BinaryIO | Iterable[bytes], max_bytes: int | None
    ) -> Iterator[IO[bytes]]:
        """The source itself where it can be read again, else a copy of it."""
        if hasattr(src, "seekable") and src.seekable():
            yield src  # type: ignore[misc]  # a file, since it seeks
            return
        with self._kubo.spool() as copy:
            for leaf in cutting.leaves(src, building.LEAF, max_bytes=max_bytes):
                copy.write(leaf)
            copy.seek(0)
            yield copy

    def _exported(self, root: ParsedCid) -> Iterator[tuple[ParsedCid, bytes]]:
        """Kubo's blocks, each verified, if they are those of the graph; raises Corrupt."""
        stream = io.BufferedReader(
            BytesOf(self._rpc.get("dag/export", str(root), progress=False, **self._reach))
        )
        due = (key for key, _ in walking.walk(root, self._reader, self._limits))
        stored = (key for key in due if key.inline is None)
        for key, sent in zip_longest(stored, car.Archive(stream).blocks()):
            if key is None or sent is None or sent[0] != key:
                raise Corrupt(f"Kubo's archive of {root} is not that graph.")
            yield key, bytes(sent[1])

    def _damaged(self) -> Iterator[Cid]:
        ended = ""
        try:
            for line in self._rpc.lines("repo/verify"):
                said = str(line.get("Msg", ""))
                if " was corrupt" in said:
                    yield str(_raw(said.split()[1]))
                ended = said or ended
        except EngineDown as error:
            ended = str(error)  # damage makes Kubo end with a failure
        if "verify complete" not in ended:
            raise EngineDown(f"Kubo did not look through all of its blocks: {ended}")


def _parsed(text: Cid) -> ParsedCid:
    return cid.parse(text)


def _raw(text: str) -> ParsedCid:
    return cid.of_digest(cid.parse(text).digest, RAW)
