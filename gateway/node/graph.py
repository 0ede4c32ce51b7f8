"""A leased graph as it becomes known, block by block, within the bounds its lease sets."""

from gateway.node.failures import BrokenGraph, Foreign, TooLarge, WrongSize
from node_bridge import BadBlock, Cid, Unsupported, cid, dagpb, walking
from node_bridge.cid import DAG_PB, ParsedCid
from node_bridge.engine import Limits

LIMITS = Limits()


class Graph:
    """Parents come before children. `size` is what its lease says it weighs, in bytes."""

    def __init__(self, root: Cid, size: int, limits: Limits = LIMITS) -> None:
        self.root = cid.parse(root)
        self.have = 0  # bytes of distinct blocks that were added
        self.size = size
        self._limits = limits
        self._unfolded = 0  # bytes by the root's own account, shared blocks counted each time
        self._wanted: dict[tuple[int, bytes], tuple[ParsedCid, int]] = {}
        self._seen: set[tuple[int, bytes]] = set()
        self._digests: set[bytes] = set()
        self._want(self.root, 0)

    @property
    def is_whole(self) -> bool:
        return not self._wanted

    @property
    def digests(self) -> frozenset[bytes]:
        return frozenset(self._digests)

    def wanted(self) -> list[ParsedCid]:
        """What is known to belong and has not been added."""
        return [key for key, _ in self._wanted.values()]

    def add(self, key: ParsedCid, data: bytes | memoryview) -> list[ParsedCid] | None:
        """Take a block whose hash was checked; None for one that was added before.

        The answer is what it links to and nothing before it did.
        Raises Foreign for one nothing links to, WrongSize, TooLarge past the bounds of a graph,
        BrokenGraph for one that is not of its codec.
        """
        name = key.codec, key.digest
        if name in self._seen:
            return None
        if name not in self._wanted:
            raise Foreign(
                f"Block {key} does not belong to {self.root}, or comes before its parent."
            )
        below = self._links(key, data)
        _, depth = self._wanted.pop(name)
        self._seen.add(name)
        if key.digest not in self._digests:
            self._digests.add(key.digest)
            self.have += len(data)
        self._check()
        if below and depth >= self._limits.depth:
            raise TooLarge(f"The graph is deeper than {self._limits.depth} blocks.")
        return [child for child in below if self._want(child, depth + 1)]

    def finish(self) -> None:
        """Whether it weighs what the lease says; for a whole graph. Raises WrongSize.

        Where blocks are shared, the weight by the root's own account, which counts them each
        time, is as good.
        """
        if self.size not in {self.have, self._unfolded}:
            raise WrongSize(f"The graph has {self.have} bytes, and its lease says {self.size}.")

    def _want(self, key: ParsedCid, depth: int) -> bool:
        """Whether it is news that this block belongs."""
        name = key.codec, key.digest
        if key.inline is not None or name in self._seen or name in self._wanted:
            return False
        self._wanted[name] = key, depth
        if len(self._wanted) > self._limits.waiting:
            raise TooLarge("The graph is wider than this node will follow.")
        return True

    def _links(self, key: ParsedCid, data: bytes | memoryview) -> list[ParsedCid]:
        try:
            below = walking.links(key, bytes(data) if key.codec not in cid.LINKLESS else b"")
            if key == self.root:
                self._unfolded = _account(key, data)
        except (BadBlock, Unsupported) as error:
            raise BrokenGraph(str(error)) from error
        return below

    def _check(self) -> None:
        if self.have > self.size:
            raise WrongSize(f"The graph has more than the {self.size} bytes of its lease.")
        if len(self._seen) > self._limits.walk_blocks:
            raise TooLarge(f"The graph has more than {self._limits.walk_blocks} blocks.")


def _account(key: ParsedCid, data: bytes | memoryview) -> int:
    """What a root says its whole graph weighs."""
    if key.codec != DAG_PB:
        return len(data)
    return len(data) + sum(link.dag_size for link in dagpb.decode(bytes(data)).links)
