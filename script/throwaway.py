"""Servers for one test run: started in a temporary folder, stopped by their process."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from script.shell import CommandFailed
from script.system_packages import find

Words = list[str | Path]
START_WITHIN = 30.0


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL reached by a unix socket only; gives its DATABASE_URL.

    It refuses to run as root, so root lends it to the user its package made.
    """
    user = _unprivileged()
    with _folder(user) as home:
        data = home / "data"
        first: Words = [
            "--auth",
            "trust",
            "--username",
            "wetube",
            "--no-sync",
            "--encoding",
            "UTF8",
        ]
        _call([_program("initdb"), *first, "--pgdata", data], user, home)
        speed = ["-c", "fsync=off", "-c", "full_page_writes=off"]
        room = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={home}"]
        more = ["-c", "max_connections=200", *speed]
        socket = home / ".s.PGSQL.5432"
        with _running(
            [_program("postgres"), "-D", data, *room, *more],
            user,
            home,
            socket.exists,
            signal.SIGINT,
        ):
            where: Words = ["-h", home, "-U", "wetube"]
            _retry(lambda: _call([_program("createdb"), *where, "wetube"], user, home))
            yield f"postgres://wetube@{quote(str(home), safe='')}/wetube"


@contextmanager
def redis() -> Iterator[str]:
    """A fresh Redis on a unix socket; gives its REDIS_URL."""
    with _folder(None) as home:
        socket = home / "redis.sock"
        words: Words = [_program("redis-server"), "--port", "0", "--unixsocket", socket]
        quiet: Words = ["--save", "", "--appendonly", "no", "--loglevel", "warning", "--dir", home]
        with _running([*words, *quiet], None, home, socket.exists, signal.SIGTERM):
            yield f"unix://{socket}"


@contextmanager
def _running(
    command: Words,
    user: str | None,
    home: Path,
    ready: Callable[[], bool],
    ending: signal.Signals,
) -> Iterator[None]:
    log = home / "log"
    with log.open("wb") as words:
        server = subprocess.Popen(  # noqa: S603 - our own words
            [os.fspath(word) for word in command], stdout=words, stderr=words, cwd=home, user=user
        )
    try:
        deadline = time.monotonic() + START_WITHIN
        while not ready():
            if server.poll() is not None or time.monotonic() > deadline:
                raise CommandFailed(f"{command[0]} did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield
    finally:
        server.send_signal(ending)
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def _folder(user: str | None) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="wetube-"))
    try:
        if user:
            shutil.chown(home, user)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _program(name: str) -> Path:
    program = find(name)
    if program is None:
        raise CommandFailed(f"{name} is not installed here")
    return program


def _call(command: Words, user: str | None, home: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        [os.fspath(word) for word in command],
        user=user,
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandFailed(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}")


def _retry(action: Callable[[], None]) -> None:
    """A server that listens may still refuse its first visitors."""
    deadline = time.monotonic() + START_WITHIN
    while True:
        try:
            return action()
        except CommandFailed:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
