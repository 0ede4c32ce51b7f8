"""Reads content whose blocks may lie elsewhere: own store first, ahead of who reads in order."""

from collections import OrderedDict
from collections.abc import Iterator

from node_bridge import cid
from node_bridge.cid import Cid, ParsedCid
from node_bridge.engine import Limits, NodeEngine
from node_bridge.errors import Corrupt, NotFound
from node_bridge.network.fetching import Fetcher, Flight
from node_bridge.reading import Reader

LEAF = 1 << 20  # bytes: a leaf of our profile; by it the window is counted
FIRST = 2  # blocks on their way for a reader who has just come
MOST = 16  # for one who has been reading on and on
LOOK = 64  # blocks looked at in one step ahead, for leaves may be as small as a byte
READERS = 64  # places at which somebody may go on reading that are remembered


class FarReader(Reader):
    """Reads what lies under one root."""

    remembered = 20_000

    def __init__(self, local: NodeEngine, fetcher: Fetcher, root: Cid, limits: Limits) -> None:
        super().__init__(_Own(local), limits)
        self._local = local
        self._fetcher = fetcher
        self._root = root
        self._expected: dict[bytes, Flight | None] = {}  # None once it came
        self._places: OrderedDict[tuple[bytes, int], _Ahead] = OrderedDict()

    def block(self, key: ParsedCid) -> bytes:
        """From the own store, else from the network; raises NotFound, NobodyHas."""
        try:
            return super().block(key)
        except (NotFound, Corrupt):
            data = self._fetcher.block(key, self._root)
        self.let_go(key.digest)
        return data

    def size(self, key: ParsedCid) -> int | None:
        try:
            return len(self.block(key))
        except NotFound:
            return None

    def expect(self, key: ParsedCid) -> bool:
        """Have a block on its way; False where it is here or expected already."""
        if key.inline is not None or key.digest in self._expected or self._local.has(str(key)):
            return False
        flight = self._fetcher.soon(key, self._root)
        if self._expected.setdefault(key.digest, flight) is not flight:
            self._fetcher.leave(flight)
            return False
        flight.coming.add_done_callback(lambda _: self._came(key.digest))
        return True

    def expects(self, digest: bytes) -> bool:
        """Whether a block was asked for and not read yet."""
        return digest in self._expected

    def let_go(self, digest: bytes) -> None:
        """Nobody here waits for the block any more: it was read, or is not wanted."""
        flight = self._expected.pop(digest, None)
        if flight is not None:
            self._fetcher.leave(flight)

    def _came(self, digest: bytes) -> None:
        """From now on the fetcher keeps the bytes, as long as it has room."""
        if digest in self._expected:
            self._expected[digest] = None

    def _read(self, root: ParsedCid, size: int, offset: int, end: int) -> Iterator[bytes]:
        """As everywhere, with the next blocks on their way.

        Who begins at the start, or where a read of the same file has ended, is taken for somebody
        who reads on: for them blocks past the end are fetched, too.
        """
        ahead = self._places.pop((root.digest, offset), None)
        is_going_on = ahead is not None or offset == 0
        ahead = ahead or _Ahead(self)
        beyond = ahead.window * LEAF if is_going_on else 0
        keys = self.parts(root, offset, min(size, end + beyond))
        done = False
        try:
            ahead.begin(keys)
            for piece in super()._read(root, size, offset, end):
                yield piece
                ahead.go_on()
            done = True
        finally:
            if done and end < size:
                self._remember_place(root.digest, end, ahead)
            else:
                ahead.close()

    def _remember_place(self, file: bytes, offset: int, ahead: "_Ahead") -> None:
        self._places[file, offset] = ahead
        if len(self._places) > READERS:
            _, oldest = self._places.popitem(last=False)
            oldest.close()


class _Ahead:
    """The blocks on their way for one who reads in order; the window grows as they go on."""

    def __init__(self, reader: FarReader) -> None:
        self.window = FIRST
        self._reader = reader
        self._expected: list[bytes] = []
        self._keys: Iterator[ParsedCid] = iter(())
        self._next: ParsedCid | None = None

    def begin(self, keys: Iterator[ParsedCid]) -> None:
        """These are the blocks of a read, in order, and those after it."""
        self._keys = keys
        self._next = next(keys, None)
        self.go_on()

    def go_on(self) -> None:
        """Have a window full of the next blocks on their way."""
        self._expected = [each for each in self._expected if self._reader.expects(each)]
        self.window = min(self.window + 1, MOST)
        for _ in range(LOOK):
            if self._next is None:
                return
            if not self._reader.expects(self._next.digest):
                if len(self._expected) >= self.window:
                    return
                if self._reader.expect(self._next):
                    self._expected.append(self._next.digest)
            self._next = next(self._keys, None)

    def close(self) -> None:
        for digest in self._expected:
            self._reader.let_go(digest)


class _Own:
    """The own store as a reader's source of blocks by digest."""

    def __init__(self, local: NodeEngine) -> None:
        self._local = local

    def get(self, digest: bytes) -> bytes:
        return self._local.get_block(str(cid.of_digest(digest)))

    def size(self, digest: bytes) -> int | None:
        return len(self.get(digest)) if self._local.has(str(cid.of_digest(digest))) else None
