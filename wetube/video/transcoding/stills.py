"""Pictures out of finished renditions: posters, and the storyboard that seeking shows.

Everything is taken from fragments of our own files; the source is not decoded again.
"""

import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wetube.video.transcoding import binaries, commands, sandbox
from wetube.video.transcoding.errors import FfmpegFailed
from wetube.video.transcoding.fragments import Track
from wetube.video.transcoding.running import Watch, run

TILE = 160  # pixels of the longer side
COLUMNS = 10
MOST_TILES = 100


@dataclass(frozen=True)
class Storyboard:
    """A grid of small pictures, one for every `step` seconds."""

    jpeg: bytes
    width: int
    height: int
    starts: tuple[float, ...]
    duration: float

    def webvtt(self, uri: str) -> str:
        """Cues that point into the picture by media fragments (`#xywh=`)."""
        cues = ["WEBVTT\n"]
        for number, start in enumerate(self.starts):
            end = self.starts[number + 1] if number + 1 < len(self.starts) else self.duration
            left, top = number % COLUMNS * self.width, number // COLUMNS * self.height
            place = f"{uri}#xywh={left},{top},{self.width},{self.height}"
            cues.append(f"{_clock(start)} --> {_clock(end)}\n{place}\n")
        return "\n".join(cues)


def poster(track: Track) -> bytes:
    """A JPEG of the most typical frame around a tenth of the way."""
    return _frame(track, track.duration / 10, typical=True)


def poster_at(track: Track, seconds: float) -> bytes:
    """A JPEG of the frame shown at that second; the nearest one where there is none."""
    return _frame(track, seconds, typical=False)


def candidates(track: Track, count: int = 4) -> list[tuple[float, bytes]]:
    """A few posters to choose from, spread over the video, as (seconds, JPEG)."""
    times = [track.duration * (2 * number + 1) / (2 * count) for number in range(count)]
    return [(at, _frame(track, at, typical=True)) for at in times]


def storyboard(track: Track) -> Storyboard:
    """Key frames of a rendition in a grid of at most a hundred."""
    every = math.ceil(len(track.fragments) / MOST_TILES)
    shown = track.fragments[::every]
    width, height = _tile(track.known.width, track.known.height)
    rows = math.ceil(len(shown) / COLUMNS)
    grid = min(len(shown), COLUMNS), rows
    with tempfile.TemporaryDirectory(prefix="wetube-stills-") as name:
        jpeg = _make(
            track.path,
            Path(name),
            lambda program, given: commands.storyboard(
                (width, height), grid, every, program=program, source=given
            ),
        )
    starts = tuple(fragment.start for fragment in shown)
    return Storyboard(jpeg, width, height, starts, track.duration)


def _frame(track: Track, seconds: float, *, typical: bool) -> bytes:
    """Decode out of the one fragment that holds this moment, cut out by itself."""
    if not track.fragments:
        raise FfmpegFailed("There is no picture to take a poster from.")
    found = [fragment for fragment in track.fragments if fragment.start <= max(0.0, seconds)]
    fragment = found[-1] if found else track.fragments[0]
    inside = min(max(0.0, seconds - fragment.start), fragment.duration * 0.95)
    with tempfile.TemporaryDirectory(prefix="wetube-stills-") as name:
        cut = Path(name) / "cut.mp4"
        cut.write_bytes(
            track.read(0, track.known.length) + track.read(fragment.offset, fragment.length)
        )
        out = Path(name) / "out"
        out.mkdir()
        return _make(
            cut,
            out,
            lambda program, given: commands.still(
                None if typical else inside, program=program, source=given
            ),
        )


def _make(source: Path, out: Path, build: commands.Builder) -> bytes:
    tools = binaries.find()
    limits = sandbox.Limits(memory=4 << 30, cpu=600)
    with sandbox.enter(reads=[source], out=out, limits=limits, programs=[tools.ffmpeg]) as box:
        command = build(box.program(tools.ffmpeg), box.inputs[0])
        ended = run(box, command, Watch(lambda _: None, seconds=600))
    ended.refuse()
    try:
        return (out / "still.jpg").read_bytes()
    except FileNotFoundError:
        raise FfmpegFailed(f"No picture came out of the video. {ended.log[-200:]}") from None


def _tile(width: int, height: int) -> tuple[int, int]:
    longer = max(width, height)
    sides: Sequence[int] = [max(2, round(side * TILE / longer / 2) * 2) for side in (width, height)]
    return sides[0], sides[1]


def _clock(seconds: float) -> str:
    """hh:mm:ss.mmm as WebVTT writes it."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
