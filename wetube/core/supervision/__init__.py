"""One command, whole site: its processes as one tree that starts, heals and stops together.

`leash` holds one process and everything it starts, `tree` watches the leashes,
`parts` says which processes WeTube consists of.
"""

from wetube.core.supervision.lock import AlreadyRunning, DataLock
from wetube.core.supervision.ports import PortTaken, choose_chain_port, choose_ports
from wetube.core.supervision.tree import Part, Tree

__all__ = [
    "AlreadyRunning",
    "DataLock",
    "Part",
    "PortTaken",
    "Tree",
    "choose_chain_port",
    "choose_ports",
]
