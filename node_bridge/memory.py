"""A node in memory: the same CIDs and refusals, gone with the process."""

from node_bridge.engine import Limits
from node_bridge.local import LocalEngine
from node_bridge.memory_blocks import MemoryBlocks
from node_bridge.pins import MemoryPins


class MemoryEngine(LocalEngine):
    """`quota` in bytes, None for none."""

    def __init__(self, *, quota: int | None = None, limits: Limits | None = None) -> None:
        super().__init__(MemoryBlocks(quota), MemoryPins(), limits)
