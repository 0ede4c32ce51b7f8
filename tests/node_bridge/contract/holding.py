"""What lies in an engine, to the byte. Kubo's own count is of what its disk takes."""

from typing import NamedTuple

from node_bridge import NodeEngine
from node_bridge.kubo import KuboEngine
from tests.kubo.pool import held_by


class Held(NamedTuple):
    used: int
    blocks: int


def held(engine: NodeEngine) -> Held:
    if isinstance(engine, KuboEngine):
        return Held(*held_by(engine))
    stat = engine.repo_stat()
    return Held(stat.used, stat.blocks)
