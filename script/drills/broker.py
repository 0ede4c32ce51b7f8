"""The broker is gone for a while: pages and uploads go on, and the work is done when it is back."""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench.report import note, report
from script.drills import films, watching
from script.drills.rig import Rig, running

GONE_FOR = 20.0
END_WITHIN = 300.0
SLOWEST_ANSWER = 3.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, running() as rig:
        film = films.draw(Path(folder) / "film.mp4")
        before = rig.client.upload(film)
        fine = [*_frozen(rig, film), *_killed(rig, film)]
        keys = [key for (key,) in rig.rows("SELECT key FROM video_video")]
        rig.until(lambda: all(map(rig.ended, keys)), END_WITHIN, "every film ends")
        good = [key for key in keys if watching.is_whole(rig, key, like=film)]
        fine += [
            report("films published and whole", len(good), len(keys)),
            report("the film on its way before", float(before in good), 1),
        ]
    return int(not all(fine))


def _frozen(rig: Rig, film: Path) -> list[bool]:
    """The broker hangs (SIGSTOP) without closing a connection: the worst way to be gone."""
    (broker,) = rig.processes("broker")
    os.kill(broker, signal.SIGSTOP)
    try:
        slowest = _use(rig, film)
    finally:
        os.kill(broker, signal.SIGCONT)
    return [report("slowest page, broker frozen (s)", slowest, SLOWEST_ANSWER, "lower")]


def _killed(rig: Rig, film: Path) -> list[bool]:
    """Dead again and again, faster than the tree brings it back."""
    until = time.monotonic() + GONE_FOR
    slowest = 0.0
    deaths = 0
    while time.monotonic() < until:
        deaths += rig.kill("broker")
        slowest = max(slowest, _pages(rig))
        time.sleep(0.1)
    note("broker killed", f"{deaths} times in {GONE_FOR:.0f} s")
    rig.client.upload(film)
    return [report("slowest page, broker dead (s)", slowest, SLOWEST_ANSWER, "lower")]


def _use(rig: Rig, film: Path) -> float:
    """Look at pages and upload a film; returns the slowest answer in seconds."""
    slowest = _pages(rig)
    began = time.monotonic()
    rig.client.upload(film)
    note("an upload, broker frozen", f"{time.monotonic() - began:.1f} s, accepted")
    return max(slowest, _pages(rig))


def _pages(rig: Rig) -> float:
    slowest = 0.0
    for path in ("/", "/search/?q=film", "/alive/"):
        began = time.monotonic()
        status, _body, _headers = rig.client.request(rig.client.site, "GET", path)
        took = time.monotonic() - began
        if status >= 500:
            note(f"GET {path}", f"answered {status}")
            return float("inf")
        slowest = max(slowest, took)
    return slowest


if __name__ == "__main__":
    sys.exit(main())
