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
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from script.shell import CommandFailed
from script.system_packages import find

Words = list[str | Path]
START_WITHIN = 30.0


@dataclass
class Server:
    """One server in its own folder; a stopped or killed one starts again on what it kept."""

    command: Words
    user: str | None
    home: Path
    ready: Callable[[], bool]
    ending: signal.Signals
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it is ready. Raises CommandFailed with its log."""
        log = self.home / "log"
        with log.open("ab") as words:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                [os.fspath(word) for word in self.command],
                stdout=words,
                stderr=words,
                cwd=self.home,
                user=self.user,
            )
        deadline = time.monotonic() + START_WITHIN
        while not self.ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise CommandFailed(f"{self.command[0]} did not start:\n{log.read_text()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to end, and make it end when it does not."""
        if self._process is None:
            return
        self._process.send_signal(self.ending)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh PostgreSQL reached by a unix socket only; gives its DATABASE_URL."""
    with postgres_server() as (url, _server):
        yield url


@contextmanager
def postgres_server() -> Iterator[tuple[str, Server]]:
    """The same, with the server in hand to be stopped and started.

    It refuses to run as root, so root lends it to the user its package made.
    """
    user = _unprivileged()
    with _folder(user) as home:
        server = _made_postgres(user, home)
        with _running(server):
            yield f"postgres://wetube@{quote(str(home), safe='')}/wetube", server


@contextmanager
def redis() -> Iterator[str]:
    """A fresh Redis on a unix socket; gives its REDIS_URL."""
    with _folder(None) as home:
        socket = home / "redis.sock"
        words: Words = [_program("redis-server"), "--port", "0", "--unixsocket", socket]
        quiet: Words = ["--save", "", "--appendonly", "no", "--loglevel", "warning", "--dir", home]
        server = Server([*words, *quiet], None, home, socket.exists, signal.SIGTERM)
        with _running(server):
            yield f"unix://{socket}"


def _made_postgres(user: str | None, home: Path) -> Server:
    """A cluster with our database in it, not yet running."""
    data = home / "data"
    first: Words = ["--auth", "trust", "--username", "wetube", "--no-sync", "--encoding", "UTF8"]
    _call([_program("initdb"), *first, "--pgdata", data], user, home)
    speed = ["-c", "fsync=off", "-c", "full_page_writes=off"]
    room = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={home}"]
    words: Words = [_program("postgres"), "-D", data, *room, "-c", "max_connections=200", *speed]
    asking: Words = [_program("psql"), "-h", home, "-U", "wetube", "-c", "SELECT 1", "postgres"]
    server = Server(words, user, home, lambda: _answers(asking, user, home), signal.SIGINT)
    with _running(server):
        _call([_program("createdb"), "-h", home, "-U", "wetube", "wetube"], user, home)
    return server


@contextmanager
def _running(server: Server) -> Iterator[None]:
    try:
        server.start()
        yield
    finally:
        server.stop()


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


def _answers(command: Words, user: str | None, home: Path) -> bool:
    """A server that listens may still refuse its first visitors."""
    try:
        _call(command, user, home)
    except CommandFailed:
        return False
    return True
