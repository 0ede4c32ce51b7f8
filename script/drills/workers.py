"""Two media workers share a film and are killed, one or both: it is published once, and whole."""

import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from bench.report import note, report
from script.drills import films, judging
from script.drills.processes import alive, descendants, environment_of, words_of
from script.drills.rig import Rig, running
from script.shell import PYTHON, ROOT

SECONDS = 40
END_WITHIN = 400.0
ORPHANS_GONE_WITHIN = 5.0
STARTS_WITHIN = 5.0  # a worker's process is there before it takes tasks
OUTPUT = re.compile(r"--bind (\S+) /box/out")

# Two messages for each state the film is seen in, as from two hands at once.
DOUBLE = """
import time
from wetube.video.models import Video
from wetube.video.tasks import advance_video
seen, until = "", time.monotonic() + {seconds}
while seen not in ("published", "failed") and time.monotonic() < until:
    film = Video.objects.get(key="{key}")
    if film.state != seen:
        seen = film.state
        for message in range(2):
            advance_video.delay(video_id=film.pk)
    time.sleep(0.02)
"""


class Second:
    """Another media worker, as an operator would start it: it knows the tree's settings only."""

    def __init__(self, rig: Rig, log: Path) -> None:
        self._log = log
        (media,) = rig.processes("media")
        self._environment = environment_of(media)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        words: list[str | Path] = [
            PYTHON,
            "-m",
            "celery",
            "--app",
            "wetube",
            "worker",
            "--queues",
            "media",
        ]
        more = ["--pool", "threads", "--concurrency", "1", "--hostname", "second@%h"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words
                [*words, *more, "--loglevel", "warning"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )

    def end(self, number: signal.Signals = signal.SIGKILL) -> None:
        if self._process:
            self._process.send_signal(number)
            self._process.wait(60)


class Watch:
    """Sees which pieces each of the two has under its hands; `left` counts orphans."""

    def __init__(self, rig: Rig, second: Second) -> None:
        self._rig, self._second = rig, second
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.pieces: defaultdict[str, set[str]] = defaultdict(set)
        self.left = 0

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def under(self, name: str) -> list[int]:
        """What this worker has started."""
        found = self._rig.processes("media") if name == "media" else [self._second.pid]
        return [below for pid in found if pid for below in descendants(pid)]

    def both_encode(self) -> bool:
        return all(_outputs(self.under(name)) for name in ("media", "second"))

    def count_orphans(self, were: list[int]) -> None:
        """Those of a dead worker that are there still, some seconds later."""
        deadline = time.monotonic() + ORPHANS_GONE_WITHIN
        while alive(were) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.left += len(alive(were))

    def _look(self) -> None:
        while not self._over.wait(0.1):
            for name in ("media", "second"):
                self.pieces[name] |= _outputs(self.under(name))


def main() -> int:
    settings = {"MEDIA_WORKERS": "1", "PIECE_SECONDS": "8"}
    with tempfile.TemporaryDirectory() as folder, running(**settings) as rig:
        film = films.draw(Path(folder) / "film.mp4", seconds=SECONDS, size="1280x720")
        second = Second(rig, Path(folder) / "second.log")
        try:
            return _drill(rig, film, second)
        finally:
            second.end()


def _drill(rig: Rig, film: Path, second: Second) -> int:
    second.start()
    time.sleep(STARTS_WITHIN)
    with Watch(rig, second) as watch:
        keys = [
            _with_deaths(rig, film, watch, {"second": second.end}, second),
            _with_deaths(rig, film, watch, {"media": lambda: rig.kill("media")}, second),
            _with_deaths(
                rig,
                film,
                watch,
                {"second": second.end, "media": lambda: rig.kill("media")},
                second,
            ),
            _with_doubled_messages(rig, film),
        ]
    shares = [len(watch.pieces[name]) for name in ("media", "second")]
    note("pieces seen under the two workers", f"{shares[0]} and {shares[1]}")
    second.end(signal.SIGTERM)
    found = [str(film["key"]) for film in rig.client.ask("GET", "/search?q=film")]
    short = [key for key in keys if _duration(rig, key) < 0.99 * SECONDS]
    left = [path for name in ("work", "uploads") for path in _inside(rig.folder / name)]
    fine = [
        *judging.films(rig, keys, like=film),
        report("films found once by searching", sum(found.count(key) == 1 for key in keys), 4),
        report("films shorter than 99 %", len(short), 0, "lower"),
        report("pieces of the worker with fewer", min(shares), 1),
        report("folders left in work and uploads", len(left), 0, "lower"),
        report("processes of dead workers left", watch.left, 0, "lower"),
    ]
    return int(not all(fine))


def _with_deaths(
    rig: Rig,
    film: Path,
    watch: Watch,
    victims: dict[str, Callable[[], object]],
    second: Second,
) -> str:
    """Both encode pieces of one film; kill -9 of these, then the second is started again."""
    began = time.monotonic()
    key = rig.client.upload(film)
    rig.until(watch.both_encode, END_WITHIN, "both workers encode")
    below = [pid for name in victims for pid in watch.under(name)]
    for kill in victims.values():
        kill()
    watch.count_orphans(below)
    if "second" in victims:
        second.start()
    rig.until(lambda: rig.ended(key), END_WITHIN, "the film ends")
    took = time.monotonic() - began
    note(f"kill -9 of {' and '.join(victims)}", f"{rig.state(key)} after {took:.0f} s")
    return key


def _with_doubled_messages(rig: Rig, film: Path) -> str:
    announced = rig.client.announce(film.name, film.stat().st_size)
    key = str(announced["key"])
    code = DOUBLE.format(seconds=END_WITHIN, key=key)
    sender = threading.Thread(target=rig.shell, args=(code,))
    sender.start()
    time.sleep(STARTS_WITHIN)
    rig.client.send(announced["endpoint"], film).finish()
    rig.until(lambda: rig.ended(key), END_WITHIN, "the film ends")
    sender.join()
    note("every message twice at once", rig.state(key))
    return key


def _outputs(pids: list[int]) -> set[str]:
    """The folders that sandboxes among these processes write to, as film/piece."""
    found = (OUTPUT.search(words_of(pid)) for pid in pids)
    return {"/".join(Path(match[1]).parts[-2:]) for match in found if match}


def _duration(rig: Rig, key: str) -> float:
    return float(rig.rows("SELECT duration FROM video_video WHERE key = ?", key)[0][0] or 0)


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


if __name__ == "__main__":
    sys.exit(main())
