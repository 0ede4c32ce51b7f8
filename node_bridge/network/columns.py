"""Stripes on their way into a node, n columns at once: each a file that one thread hashes and
writes while the next stripe is sealed and coded.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Queue
from threading import Event

from node_bridge import cid as cids
from node_bridge import nodes
from node_bridge.cid import RAW, Cid
from node_bridge.engine import Added, NodeEngine
from node_bridge.nodes import FileNode

AHEAD = 2  # shards a column may wait with


class Stopped(Exception):
    """Another column failed; its error is the one to see."""


@dataclass(frozen=True, slots=True)
class Column:
    """A stored column: its root, bytes of all its blocks, and its shards in order."""

    cid: Cid
    size: int
    shards: tuple[Cid, ...]


class _Feed:
    """What one column's thread is still to get; None is the end."""

    def __init__(self, stop: Event) -> None:
        self._queue: Queue[bytes | None] = Queue(AHEAD)
        self._stop = stop
        self._is_over = False
        self.put = self._queue.put

    def __iter__(self) -> Iterator[bytes]:
        while (shard := self._next()) is not None:
            if self._stop.is_set():
                raise Stopped("Another column failed.")
            yield shard

    def drain(self) -> None:
        """Take the rest, so that nobody waits for room."""
        while not self._is_over:
            self._next()

    def _next(self) -> bytes | None:
        shard = self._queue.get()
        self._is_over = shard is None
        return shard


def store(engine: NodeEngine, stripes: Iterable[list[bytes]], n: int) -> list[Column]:
    """Write the n columns of these stripes; what adding to an engine raises goes through.

    Nothing is pinned: what a failure leaves behind is freed by the engine's sweep.
    """
    stop = Event()
    feeds = [_Feed(stop) for _ in range(n)]
    with ThreadPoolExecutor(n, thread_name_prefix="column") as pool:
        jobs = [pool.submit(_write, engine, feed, stop) for feed in feeds]
        try:
            for shards in stripes:
                for feed, shard in zip(feeds, shards, strict=True):
                    feed.put(shard)
                if stop.is_set():
                    break
        except BaseException:
            stop.set()
            raise
        finally:
            for feed in feeds:
                feed.put(None)
        return [_column(engine, added) for added in _results(jobs)]


def _write(engine: NodeEngine, feed: _Feed, stop: Event) -> Added:
    try:
        return engine.add(feed)
    except BaseException:
        stop.set()
        raise
    finally:
        feed.drain()


def _results(jobs: list["Future[Added]"]) -> list[Added]:
    """All of them, or the first failure that is not only another's."""
    failures = [error for job in jobs if (error := job.exception()) is not None]
    if failures:
        raise min(failures, key=lambda error: isinstance(error, Stopped))
    return [job.result() for job in jobs]


def _column(engine: NodeEngine, added: Added) -> Column:
    """The leaves' names are read back from the node above them: nothing is hashed twice."""
    root = cids.parse(added.cid)
    if root.codec == RAW:
        return Column(added.cid, added.dag_size, (added.cid,))
    node = nodes.parse(engine.get_block(added.cid))
    assert isinstance(node, FileNode)  # noqa: S101 - an engine's own answer to a file
    return Column(added.cid, added.dag_size, tuple(str(child) for child in node.children))
