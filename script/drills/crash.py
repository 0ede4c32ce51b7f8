"""kill -9 of every process at every step: nothing acknowledged is lost, nothing doubled."""

import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.report import note, report
from script.drills import films, judging, watching
from script.drills.client import Sending
from script.drills.processes import alive
from script.drills.rig import Rig, running

PARTS = ("site", "gateway", "worker", "media", "beat", "broker")
STEPS = ("uploaded", "planned", "encoded", "packaged", "stored")
VICTIMS = ("worker", "media", "ffmpeg")
STEP_WITHIN = 180.0
END_WITHIN = 900.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, running(MEDIA_WORKERS="1") as rig:
        film = films.draw(Path(folder) / "film.mp4", seconds=8)
        sent = [_while_uploading(rig, film, part) for part in PARTS]
        keys = [key for key, _sending in sent] + _at_each_step(rig, film)
        rig.until(lambda: all(map(rig.ended, keys)), END_WITHIN, "every film ends")
        fine = [
            report("bytes acknowledged, then lost", sum(s.lost for _key, s in sent), 0, "lower"),
            *judging.films(rig, keys, like=film),
            *_whole_tree(rig, film),
        ]
    return int(not all(fine))


def _while_uploading(rig: Rig, film: Path, part: str) -> tuple[str, Sending]:
    """Send slowly, and kill a part when half has been acknowledged."""
    announced = rig.client.announce(f"{part}.mp4", film.stat().st_size)
    sending = rig.client.send(announced["endpoint"], film, pause=0.05)
    sender = threading.Thread(target=sending.finish)
    sender.start()
    while sending.acknowledged < film.stat().st_size / 2 and sender.is_alive():
        time.sleep(0.01)
    note(f"kill -9 {part} at byte {sending.acknowledged}", str(rig.kill(part)))
    sender.join()
    return str(announced["key"]), sending


def _at_each_step(rig: Rig, film: Path) -> list[str]:
    """One film for each step and victim; the victim dies as soon as the row is there."""
    keys = []
    for step in STEPS:
        for victim in VICTIMS:
            key = rig.client.upload(film)
            keys.append(key)
            note(f"kill -9 {victim} in {step}", _strike(rig, key, step, victim))
    return keys


def _strike(rig: Rig, key: str, step: str, victim: str) -> str:
    """Kill as soon as the row is in the step and the victim is there; says what was hit."""
    deadline = time.monotonic() + STEP_WITHIN
    seen = False
    while time.monotonic() < deadline and not rig.ended(key):
        now = rig.state(key)
        if seen and now != step:
            return f"it was over before a {victim} could be hit"
        seen = seen or now == step
        if seen and rig.kill(victim):
            return f"hit; the row then said {rig.state(key)}"
        time.sleep(0.005)
    return "the step was not seen"


def _whole_tree(rig: Rig, film: Path) -> list[bool]:
    """kill -9 of `manage.py up` while it works; the next start finishes the work."""
    key = rig.client.upload(film)
    below = rig.kill_tree()
    began = time.monotonic()
    while alive(below) and time.monotonic() - began < 30:
        time.sleep(0.1)
    left = len(alive(below))
    note("until the last process had gone", f"{time.monotonic() - began:.1f} s")
    rig.start()
    rig.until(lambda: rig.ended(key), END_WITHIN, "the film ends after a new start")
    whole = rig.state(key) == "published" and watching.is_whole(rig, key, like=film)
    seconds = rig.stop()
    return [
        report("processes left by kill -9 of the tree", left, 0, "lower"),
        report("film finished by the next start", float(whole), 1),
        report("seconds to stop", seconds, 25, "lower"),
    ]


if __name__ == "__main__":
    sys.exit(main())
