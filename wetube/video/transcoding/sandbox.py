"""Confines ffmpeg: bubblewrap, else namespaces, else limits; each level tried before it is named.

A box sees the files named to it (read only), one folder it may write, and no network.
What each level keeps out:

- ``bubblewrap``: every other file, the network, other processes, all capabilities;
- ``namespaces``: the network (loopback too), other processes, new privileges;
- ``limits``: new privileges, and only the bounds of memory, time, files and processes.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from wetube.video.transcoding.errors import TranscodingError

Level = Literal["bubblewrap", "namespaces", "limits"]

LEVELS: tuple[Level, ...] = get_args(Level)
MIB = 1 << 20
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")
SHARED = ("/etc/alternatives", "/etc/ld.so.cache")


class SandboxMissing(TranscodingError):
    """Not even limits can be set here, so no stranger's file may be opened."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one run: bytes of address space, seconds of CPU, bytes of one file, counts."""

    memory: int = 2048 * MIB
    cpu: int = 60
    file_size: int = 64 * MIB
    processes: int = 256
    files: int = 256


@dataclass(frozen=True)
class Box:
    """How to start one program inside: `prefix` + program + arguments."""

    level: Level
    prefix: Sequence[str]
    inputs: Sequence[str]
    cwd: Path
    pass_fds: Sequence[int] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def program(self, path: Path) -> str:
        """The name of a program inside the box."""
        return _inside(path) if self.level == "bubblewrap" else str(path)


@contextmanager
def enter(
    *,
    reads: Sequence[Path],
    out: Path,
    limits: Limits,
    programs: Sequence[Path] = (),
    at: Level | None = None,
) -> Iterator[Box]:
    """A box at the best level that works here (or at the one asked for).

    Files are handed in as open descriptors' paths, so their names never reach ffmpeg.
    Raises SandboxMissing when nothing works.
    """
    chosen = at or level()
    fds = [os.open(path, os.O_RDONLY | os.O_CLOEXEC) for path in reads]
    try:
        if chosen == "bubblewrap":
            yield _bubblewrap(reads, out, limits, programs)
        else:
            yield _bare(chosen, fds, out, limits)
    finally:
        for fd in fds:
            os.close(fd)


@cache
def level() -> Level:
    """The best level this machine really grants, found by trying each."""
    for candidate in LEVELS:
        if _holds(candidate):
            return candidate
    raise SandboxMissing("prlimit and setpriv (util-linux) are needed to confine ffmpeg.")


def _bubblewrap(reads: Sequence[Path], out: Path, limits: Limits, programs: Sequence[Path]) -> Box:
    prefix = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    prefix += ["--clearenv"]
    for name, value in _environment().items():
        prefix += ["--setenv", name, value]
    prefix += [*_system(), "--dev", "/dev", "--tmpfs", "/tmp", "--dir", "/box"]  # noqa: S108
    for program in programs:
        if _inside(program) != str(program):
            prefix += ["--ro-bind", str(program.resolve()), _inside(program)]
    inputs = [f"/box/in{number}" for number in range(len(reads))]
    for path, place in zip(reads, inputs, strict=True):
        prefix += ["--ro-bind", str(path.resolve()), place]
    prefix += ["--bind", str(out.resolve()), "/box/out", "--chdir", "/box/out", "--"]
    prefix += [*_prlimit(limits, processes=True), "--"]
    return Box("bubblewrap", prefix, inputs, out)


def _system() -> list[str]:
    """The programs and libraries of the system, wherever /bin and /lib are links or folders."""
    binds = ["--ro-bind", "/usr", "/usr"]
    for folder in map(Path, SYSTEM):
        if folder.is_symlink():
            binds += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.exists():
            binds += ["--ro-bind", str(folder), str(folder)]
    for shared in SHARED:
        binds += ["--ro-bind-try", shared, shared]
    return binds


def _bare(chosen: Level, fds: Sequence[int], out: Path, limits: Limits) -> Box:
    prefix = ["setpriv", "--no-new-privs", "--pdeathsig", "KILL", "--"]
    if chosen == "namespaces":
        prefix += ["unshare", "--user", "--map-current-user", "--net", "--ipc", "--pid"]
        prefix += ["--fork", "--kill-child=KILL", "--"]
    # Processes are counted per user, and outside a namespace the whole worker counts.
    prefix += [*_prlimit(limits, processes=chosen == "namespaces"), "--"]
    inputs = [f"/proc/self/fd/{fd}" for fd in fds]
    return Box(chosen, prefix, inputs, out, tuple(fds), _environment())


def _prlimit(limits: Limits, *, processes: bool) -> list[str]:
    bounds = {
        "as": limits.memory,
        "cpu": f"{limits.cpu}:{limits.cpu + 5}",  # SIGXCPU first, which tells it from kill -9
        "fsize": limits.file_size,
        "nofile": limits.files,
        "core": 0,
    }
    if processes:
        bounds["nproc"] = limits.processes
    return ["prlimit", *(f"--{name}={bound}" for name, bound in bounds.items())]


def _environment() -> dict[str, str]:
    # Each malloc arena reserves 64 MiB of address space, which counts against the limit.
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "MALLOC_ARENA_MAX": "4"}


def _inside(program: Path) -> str:
    return str(program) if program.is_relative_to("/usr") else f"/box/{program.name}"


def _holds(candidate: Level) -> bool:
    """Start a shell in such a box: it must read its input, write its folder and keep its bounds."""
    shell = shutil.which("sh")
    if shell is None:
        return False
    with tempfile.TemporaryDirectory(prefix="wetube-box-") as name:
        folder = Path(name)
        out, given, secret = folder / "out", folder / "given", folder / "secret"
        out.mkdir()
        given.write_text("given")
        secret.write_text("secret")
        limits = Limits(memory=512 * MIB, cpu=5, file_size=MIB)
        with enter(reads=[given], out=out, limits=limits, at=candidate) as box:
            script = f"cat {box.inputs[0]} > seen && ulimit -v > memory"
            if candidate == "bubblewrap":
                script += f" && ! test -e {secret}"
            if candidate == "namespaces":
                ours = Path("/proc/self/ns/net").readlink()
                script += f" && test $(readlink /proc/self/ns/net) != '{ours}'"
            return _runs(box, [shell, "-c", script]) and (
                (out / "seen").read_text() == "given"
                and (out / "memory").read_text().strip() == str(512 * 1024)
            )


def _runs(box: Box, command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(  # noqa: S603 - our own script, in the box under test
            [*box.prefix, *command],
            cwd=box.cwd,
            env=box.environment or None,
            pass_fds=box.pass_fds,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
