"""PostgreSQL is restarted, and killed, under uploads, encoding and payments."""

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.report import note, report
from script import system_packages, throwaway
from script.drills import books, films, judging
from script.drills.client import Sending
from script.drills.rig import Rig, running
from script.drills.viewers import Crowd
from script.drills.visitor import NOBODY, Visitor
from script.shell import CommandFailed
from script.throwaway import Server

GONE_FOR = 3.0
BACK_WITHIN = 30.0
END_WITHIN = 300.0
VIEWERS = 6
PRICE = 12_345


class Pulse:
    """Somebody who looks at the home page all the time; `slowest` is in seconds."""

    def __init__(self, port: int) -> None:
        self._visitor = Visitor(port)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.answered = 0.0
        self.errors = 0

    def __enter__(self) -> "Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def slowest(self) -> float:
        return self._visitor.slowest

    def _look(self) -> None:
        while not self._over.wait(0.2):
            began = time.monotonic()
            try:
                fine = self._visitor.look("/").status == 200
            except NOBODY:
                fine = False
            self.errors += not fine
            if fine:
                self.answered = began


class Fault:
    """Takes the database away for a moment, and sees how long the site needs afterwards."""

    def __init__(self, rig: Rig, server: Server, pulse: Pulse) -> None:
        self._rig, self._server, self._pulse = rig, server, pulse
        self.slowest_return = 0.0

    @property
    def ways(self) -> tuple[Callable[[], None], ...]:
        return (self._server.stop, self._server.kill)

    def strike(self, way: Callable[[], None], when: str, act: Callable[[], object] = bool) -> None:
        """`act` is begun while the database is away."""
        way()
        act()
        time.sleep(GONE_FOR)
        self._start()
        back = time.monotonic()
        self._rig.until(lambda: self._pulse.answered > back, END_WITHIN, "the site answers again")
        took = self._pulse.answered - back
        self.slowest_return = max(self.slowest_return, took)
        note(f"database {way.__name__}, {when}", f"the site is back after {took:.1f} s")

    def _start(self) -> None:
        """What a killed server left must end before a new one may start."""
        deadline = time.monotonic() + BACK_WITHIN
        while True:
            try:
                return self._server.start()
            except CommandFailed:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def main() -> int:
    system_packages.install(("initdb",))
    if lacking := system_packages.unavailable(("initdb",)):
        note("database", f"skipped: {lacking}")
        return 0
    with (
        tempfile.TemporaryDirectory() as folder,
        throwaway.postgres_server() as (url, server),
        running(DATABASE_URL=url, MEDIA_WORKERS="1") as rig,
        Pulse(rig.ports[0]) as pulse,
    ):
        film = films.draw(Path(folder) / "film.mp4", seconds=12, size="1280x720")
        return _drill(rig, film, Fault(rig, server, pulse), pulse)


def _drill(rig: Rig, film: Path, fault: Fault, pulse: Pulse) -> int:
    sent = [_while_uploading(rig, film, fault, way) for way in fault.ways]
    sent += [_at_the_last_byte(rig, film, fault, way) for way in fault.ways]
    keys = [key for key, _sending in sent]
    keys += [_while_encoding(rig, film, fault, way) for way in fault.ways]
    rig.until(lambda: all(map(rig.ended, keys)), END_WITHIN, "every film ends")
    fine = [
        report("bytes acknowledged, then lost", sum(s.lost for _key, s in sent), 0, "lower"),
        *judging.films(rig, keys, like=film),
        *_while_paying(rig, keys[0], fault),
        report("slowest return of the site (s)", fault.slowest_return, BACK_WITHIN, "lower"),
        report("slowest page (s)", pulse.slowest, BACK_WITHIN, "lower"),
    ]
    note("home pages that were errors", str(pulse.errors))
    return int(not all(fine))


def _while_uploading(
    rig: Rig, film: Path, fault: Fault, way: Callable[[], None]
) -> tuple[str, Sending]:
    key, sending = _begun(rig, film, pause=0.05)
    sender = threading.Thread(target=sending.finish)
    sender.start()
    while sending.acknowledged < film.stat().st_size / 2 and sender.is_alive():
        time.sleep(0.01)
    fault.strike(way, "half of a file sent")
    sender.join()
    return key, sending


def _at_the_last_byte(
    rig: Rig, film: Path, fault: Fault, way: Callable[[], None]
) -> tuple[str, Sending]:
    """The gateway has all of the file, and cannot tell the site."""
    key, sending = _begun(rig, film)
    sender = threading.Thread(target=sending.finish)
    fault.strike(way, "the last byte comes meanwhile", sender.start)
    sender.join()
    return key, sending


def _begun(rig: Rig, film: Path, *, pause: float = 0.0) -> tuple[str, Sending]:
    announced = rig.client.announce(film.name, film.stat().st_size)
    return str(announced["key"]), rig.client.send(announced["endpoint"], film, pause=pause)


def _while_encoding(rig: Rig, film: Path, fault: Fault, way: Callable[[], None]) -> str:
    key = rig.client.upload(film)
    rig.until(
        lambda: rig.state(key) == "planned" and rig.processes("ffmpeg"), END_WITHIN, "it is encoded"
    )
    fault.strike(way, "while encoding")
    return key


def _while_paying(rig: Rig, film: str, fault: Fault) -> list[bool]:
    rig.client.ask("PATCH", f"/videos/{film}", {"price": PRICE})
    with Crowd(rig, VIEWERS, film=film, price=PRICE) as crowd:
        for way in fault.ways:
            enough = crowd.confirmed + 3 * VIEWERS
            rig.until(lambda enough=enough: crowd.confirmed >= enough, END_WITHIN, "people pay")
            fault.strike(way, "while people pay")
    note("confirmed clicks", f"{crowd.confirmed} by {VIEWERS} viewers, each sent twice")
    return [*crowd.judge(), *books.settled(rig)]


if __name__ == "__main__":
    sys.exit(main())
