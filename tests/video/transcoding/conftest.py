"""Sources made by ffmpeg once a session, and people's habits of working on them."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from wetube.video.transcoding import binaries, copy, encode, package, plan, probe

PICTURE = "testsrc2=size={size}:rate={rate}:duration={seconds}"
TONE = "sine=frequency=440:sample_rate=48000:duration={seconds}"


class Clips:
    """Makes each source once, by name; a name means one thing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: dict[str, tuple[str, ...]] = {}

    def make(self, name: str, *arguments: str) -> Path:
        """A file by ffmpeg's own words; `name` is its file name."""
        assert self._made.setdefault(name, arguments) == arguments, f"{name} is another film"
        path = self.folder / name
        if not path.exists():
            ffmpeg = str(binaries.find().ffmpeg)
            subprocess.run(
                [ffmpeg, "-v", "error", "-nostdin", "-y", *arguments, str(path)], check=True
            )
        return path

    def film(
        self,
        name: str,
        *,
        size: str = "320x240",
        rate: str = "30",
        seconds: float = 3,
        sound: bool = True,
        options: Sequence[str] = (),
    ) -> Path:
        """A moving test picture with a tone."""
        shown = PICTURE.format(size=size, rate=rate, seconds=seconds)
        heard = TONE.format(seconds=seconds)
        given = ["-f", "lavfi", "-i", shown]
        given += ["-f", "lavfi", "-i", heard] if sound else []
        quick = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "45"]
        return self.make(name, *given, *quick, *options)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="session")
def film(clips: Clips) -> Path:
    """Three seconds, 320×240, 30 frames a second, with sound."""
    return clips.film("film.mp4")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


Publish = Callable[..., package.Packaged]


@pytest.fixture
def publish(work: Path) -> Publish:
    """A source all the way to its published folder; keywords go to the plan."""

    def whole(source: Path, **choices: Any) -> package.Packaged:
        made = plan.plan(probe.probe(source, work=work), **choices)
        copy.copy(source, made, work)
        for piece in made.pieces:
            encode.encode(source, made, piece, work)
        return package.package(work, made)

    return whole


Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def ask() -> Ask:
    """What ffprobe finds in one of our files."""

    def asked(path: Path, *options: str) -> dict[str, Any]:
        ffprobe = str(binaries.find().ffprobe)
        shown = ["-show_format", "-show_streams", *options]
        answer = subprocess.run(
            [ffprobe, "-v", "error", *shown, "-of", "json", str(path)],
            check=True,
            capture_output=True,
        )
        found: dict[str, Any] = json.loads(answer.stdout)
        return found

    return asked
