"""One decode for all renditions against one ffmpeg per rendition, in CPU seconds.

The film is made of a real clip: looped, scaled to 1080p30, grained. All ways use the very
same settings and the same sandbox. `alone` is the top rendition by itself, the floor.
Quality is SSIM against the source at each rung's size, ours over theirs.

Both ways end with the same things: every rendition, the sound and a storyboard, which the
other way takes from one more decode of the source and ours from its own key frames. The
ratio without storyboards is printed beside it.
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from unittest import mock

from bench.report import note, report
from wetube.video.transcoding import binaries, encode, plan, probe, sandbox, stills
from wetube.video.transcoding.plan import Plan

CLIP = "WETUBE_CLIP"  # a video file, or a folder of them
CLIPS = Path("var/clips")
LAST_RESORT = "mandelbrot=size=1280x720:rate=30"
JUDGED = 20  # seconds whose SSIM is taken


def main() -> int:
    options = arguments(__doc__)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        source = film(options.source, options.seconds, scratch)
        whole = plan.plan(probe.probe(source, work=scratch), piece_seconds=0, may_copy=False)
        note("transcode rungs", ", ".join(rung.name for rung in whole.rungs))
        ours = _spent(source, whole, scratch / "ours")
        board = _storyboard(scratch / "ours", whole)
        theirs = sum(
            _spent(source, _alone(whole, number), scratch / f"theirs-{number}")
            for number in range(len(whole.rungs))
        )
        theirs += _spent(source, replace(whole, rungs=()), scratch / "sound")
        sprites = _sprites(source, scratch / "sprites.jpg")
        top = _spent(source, _alone(whole, 0), scratch / "top")
        quality = _quality(source, whole, scratch)
    note("transcode ours", f"{ours:.1f} CPU s, and {board:.1f} for the storyboard")
    note("transcode one by one", f"{theirs:.1f} CPU s, and {sprites:.1f} for the storyboard")
    note("transcode top alone", f"{top:.1f} CPU s")
    note("transcode without storyboards", f"{ours / theirs:.3f}")
    good = [
        report("transcode ours / one by one", (ours + board) / (theirs + sprites), 0.65, "lower"),
        report("transcode ours / top alone", ours / top, 1.7, "lower"),
        report("transcode SSIM ours / theirs", quality, 0.99),
    ]
    return 0 if all(good) else 1


def arguments(about: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--source", type=Path, help="a real clip to make the film of")
    parser.add_argument("--seconds", type=float, default=60, help="length of the film")
    return parser.parse_args()


def film(source: Path | None, seconds: float, scratch: Path) -> Path:
    """1080p30 of this length, made of a real clip with grain on it, about 12 Mb/s."""
    clip = source or _found()
    if clip is None:
        note("source", "no real clip (--source, WETUBE_CLIP, var/clips): a mandelbrot instead")
        given = ["-f", "lavfi", "-i", LAST_RESORT, "-f", "lavfi", "-i", "sine=frequency=220"]
    else:
        note("source", clip.name)
        given = ["-stream_loop", "-1", "-i", str(clip)]
    made = scratch / "film.mp4"
    shown = "scale=1920:1080:flags=bicubic,setsar=1,fps=30,noise=alls=5:allf=t,format=yuv420p"
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-g", "250", "-b:v", "12M"]
    sound = ["-c:a", "aac", "-b:a", "192k", "-ac", "2", "-movflags", "+faststart"]
    _ffmpeg([*given, "-t", str(seconds), "-vf", shown, *picture, *sound, str(made)])
    return made


def _found() -> Path | None:
    place = Path(os.environ.get(CLIP, CLIPS))
    if place.is_file():
        return place
    return next(iter(sorted(place.glob("*.mp4"))), None) if place.is_dir() else None


def _alone(whole: Plan, number: int) -> Plan:
    """The same plan with one rung only, and no sound."""
    return replace(whole, rungs=(whole.rungs[number],), source=replace(whole.source, sound=None))


def _spent(source: Path, made: Plan, folder: Path) -> float:
    """CPU seconds of encoding a plan: a way's decoder, scalers and encoders."""
    before, begun = _cpu(), time.perf_counter()
    with _countable():
        encode.encode(source, made, made.pieces[0], folder)
    spent = _cpu() - before
    note(f"  {folder.name}", f"{spent:.1f} CPU s, {time.perf_counter() - begun:.1f} s")
    return spent


@contextmanager
def _countable() -> Iterator[None]:
    """bubblewrap does not hand on what its children used; limits alone do."""
    with mock.patch.object(sandbox, "level", return_value="limits"):
        yield


def _storyboard(folder: Path, whole: Plan) -> float:
    before = _cpu()
    lowest = encode.index(folder / "piece-0000" / f"v{whole.rungs[-1].name}.mp4")
    with _countable():
        stills.storyboard(lowest)
    return _cpu() - before


def _sprites(source: Path, made: Path) -> float:
    """The usual way: decode everything once more for a picture every four seconds."""
    before = _cpu()
    grid = "fps=1/4,scale=160:90,tile=10x10"
    _ffmpeg(["-i", str(source), "-vf", grid, "-frames:v", "1", str(made)])
    return _cpu() - before


def _quality(source: Path, whole: Plan, scratch: Path) -> float:
    """The worst rung's SSIM in our way, over the one it has when made by itself."""
    worst = float("inf")
    for number, rung in enumerate(whole.rungs):
        name = f"v{rung.name}.mp4"
        ours = _ssim(source, scratch / "ours" / "piece-0000" / name, rung.width, rung.height)
        folder = scratch / f"theirs-{number}" / "piece-0000"
        theirs = _ssim(source, folder / name, rung.width, rung.height)
        note(f"  SSIM {rung.name}", f"ours {ours:.4f}, theirs {theirs:.4f}")
        worst = min(worst, ours / theirs)
    return worst


def _ssim(source: Path, made: Path, width: int, height: int) -> float:
    scaled = f"[0:v]scale={width}:{height}:flags=bicubic[a];[a][1:v]ssim"
    told = _ffmpeg(
        [
            *("-t", str(JUDGED), "-i", str(source), "-t", str(JUDGED), "-i", str(made)),
            *("-lavfi", scaled, "-an", "-f", "null", "-"),
        ],
        level="info",
    )
    return float(re.findall(r"All:([0-9.]+)", told)[-1])


def _cpu() -> float:
    """Of all children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _ffmpeg(arguments: list[str], level: str = "error") -> str:
    program = str(binaries.find().ffmpeg)
    command = [program, "-hide_banner", "-nostdin", "-y", "-v", level, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


if __name__ == "__main__":
    sys.exit(main())
