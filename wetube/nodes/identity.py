"""This gateway's own name in the network: one key in the keys' folder, made at the first asking."""

from functools import cache
from pathlib import Path

from django.conf import settings

from node_bridge.network.identity import Identity

FILE = "network"


def own() -> Identity:
    """The gateway's identity, the same in every process; raises BadKeyFile."""
    return _kept(Path(settings.KEYS_DIR) / FILE)


@cache
def _kept(path: Path) -> Identity:
    """Two processes that make it at once agree on the one that was first."""
    try:
        return Identity.load(path)
    except FileNotFoundError:
        made = Identity.create()
    try:
        made.save(path)
    except FileExistsError:
        return Identity.load(path)
    return made
