"""Remembering which set-up step ran on which inputs, so that a second start skips it."""

import hashlib
import platform
from collections.abc import Iterable
from pathlib import Path

from script.shell import VAR


def digest(files: Iterable[Path], *words: str) -> str:
    """One hash over the contents of the files, further words and this Python's version."""
    total = hashlib.sha256()
    for part in (platform.python_version(), *words):
        total.update(part.encode() + b"\0")
    for path in files:
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def shape(folder: Path) -> str:
    """A cheap hash of a folder: names, sizes and times of change, not contents."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        fact = path.stat()
        total.update(f"{path}\0{fact.st_size}\0{fact.st_mtime_ns}\n".encode())
    return total.hexdigest()


def is_fresh(name: str, inputs: str) -> bool:
    try:
        return _path(name).read_text() == inputs
    except FileNotFoundError:
        return False


def keep(name: str, inputs: str) -> None:
    _path(name).parent.mkdir(parents=True, exist_ok=True)
    _path(name).write_text(inputs)


def forget(name: str) -> None:
    _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    return VAR / "stamps" / name
