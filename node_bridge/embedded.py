"""The default node: content in a folder of this machine, in this process."""

from pathlib import Path

from node_bridge.engine import Limits
from node_bridge.file_blocks import FileBlocks
from node_bridge.local import LocalEngine
from node_bridge.pins import SqlitePins
from node_bridge.room import named_failures

DAY = 86_400.0  # seconds


class EmbeddedEngine(LocalEngine):
    """A store under `root` that any number of threads and processes may open at once.

    fsync: an answered add survives a power cut (off: only a crash of the process)
    quota: most bytes of blocks, None for as many as the disk takes
    grace: seconds for which gc spares what was just added and not yet pinned
    """

    def __init__(
        self,
        root: Path,
        *,
        fsync: bool = True,
        quota: int | None = None,
        grace: float = DAY,
        limits: Limits | None = None,
    ) -> None:
        with named_failures():
            root.mkdir(parents=True, exist_ok=True)
        blocks = FileBlocks(root, fsync=fsync, quota=quota, grace=grace)
        super().__init__(blocks, SqlitePins(root / "pins.sqlite3", fsync=fsync), limits)
