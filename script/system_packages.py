"""Programs the tests use that come with the system: found, or installed by apt where possible."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from script.shell import CommandFailed, must, say, step

PACKAGES = {
    "chromium": "chromium",
    "initdb": "postgresql",
    "redis-server": "redis-server",
    "nginx": "nginx-light",
    "wrk": "wrk",
    "ffmpeg": "ffmpeg",
    "bwrap": "bubblewrap",
    "msgmerge": "gettext",
    "shellcheck": "shellcheck",
}


def find(program: str) -> Path | None:
    """On the PATH, or where Debian keeps a server's programs."""
    if found := shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin"):
        return Path(found)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return versions[-1] if versions else None


def missing(programs: Iterable[str]) -> list[str]:
    return sorted({program for program in programs if not find(program)})


def install(programs: Iterable[str]) -> None:
    """Install what is missing; says so and goes on where that cannot be done here."""
    lacking = missing(programs)
    if not lacking:
        return
    wanted = [PACKAGES[program] for program in lacking]
    become_root = _become_root()
    if become_root is None or not shutil.which("apt-get"):
        say(f"Not found and not mine to install: {', '.join(wanted)}")
        return
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1")  # 1: start no service
    apt = [*become_root, *quiet, "apt-get", "-qq", "-y"]
    with step(f"Installing {', '.join(wanted)}"):
        try:
            must([*apt, "update"])
            must([*apt, "install", "--no-install-recommends", *wanted])
        except CommandFailed as failure:
            say(str(failure))


def _become_root() -> tuple[str, ...] | None:
    """The words that make a command root's; None where there are none that ask no question."""
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo"):
        try:
            must(["sudo", "-n", "true"])
        except CommandFailed:
            return None
        return ("sudo", "-n")
    return None


def unavailable(programs: Iterable[str]) -> str:
    """A sentence naming what is missing, empty when nothing is."""
    lacking = missing(programs)
    return f"needs {', '.join(PACKAGES[program] for program in lacking)}" if lacking else ""
