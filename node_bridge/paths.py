"""Paths into content: `<cid>` or `<cid>/folder/name`."""

from node_bridge import cid
from node_bridge.cid import ParsedCid
from node_bridge.errors import BadPath

MAX_NAMES = 64


def parse(path: str) -> tuple[ParsedCid, tuple[str, ...]]:
    """The root and the names below it; one slash at the end is allowed.

    Raises BadCid for the first part, BadPath for the rest.
    """
    root, *names = path.split("/")
    if names and not names[-1]:
        names.pop()
    if len(names) > MAX_NAMES:
        raise BadPath(f"The path is deeper than {MAX_NAMES} folders.")
    for name in names:
        if name in {"", ".", ".."} or "\0" in name:
            raise BadPath(f"{name!r} cannot be part of a path.")
    return cid.parse(root), tuple(names)
