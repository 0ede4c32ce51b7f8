"""Looking at processes by /proc."""

import contextlib
import os
from pathlib import Path


def descendants(root: int) -> list[int]:
    """Every process below `root`, parents before children."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(stat.read_bytes().rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(int(stat.parent.name))
    found = [root]
    for pid in found:
        found += sorted(children.get(pid, []))
    return found[1:]


def words_of(pid: int) -> str:
    """The command line, "" for a process that has gone."""
    with contextlib.suppress(OSError):
        return (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        )
    return ""


def alive(pids: list[int]) -> list[int]:
    """Those still there; zombies do not count."""
    return [pid for pid in pids if words_of(pid)]


def environment_of(pid: int) -> dict[str, str]:
    """The variables a process was started with."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in _parted(pairs)}


def _parted(pairs: list[bytes]) -> list[tuple[bytes, bytes, bytes]]:
    return [pair.partition(b"=") for pair in pairs if pair]
