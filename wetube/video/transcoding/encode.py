"""Encodes one piece of a plan: one decode, every rung and the sound, in the sandbox.

A piece lies in `out_dir / piece.folder`: `v<rung>.mp4` and `a.mp4`, which grow fragment by
fragment while the run lasts, and `done.json` once all of it is there and has been checked.
A call starts by emptying that folder, so a run that was killed leaves nothing behind.
"""

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from wetube.video.transcoding import binaries, commands, runs
from wetube.video.transcoding.errors import BadMedia, FfmpegFailed
from wetube.video.transcoding.fragments import Track
from wetube.video.transcoding.plan import Piece, Plan
from wetube.video.transcoding.running import never
from wetube.video.transcoding.runs import Progress, ignore

DONE = "done.json"
SHORT = 0.97  # of the promised length; below it the source is called incomplete
LEAST = 0.05  # below it there is nothing worth publishing


@dataclass(frozen=True)
class Encoded:
    """What became of a piece: seconds of output, and sentences for the uploader."""

    seconds: float
    warnings: tuple[str, ...] = ()


def encode(
    source: Path,
    plan: Plan,
    piece: Piece,
    out_dir: Path,
    on_progress: Callable[[Progress], None] = ignore,
    cancelled: Callable[[], bool] = never,
) -> Encoded:
    """Encode the piece anew, calling `on_progress` about twice a second.

    Raises BadMedia when (nearly) nothing could be decoded, Cancelled, TookTooLong, or
    FfmpegFailed; then no `done.json` is there.
    """
    folder = emptied(out_dir / piece.folder)
    names = outputs(plan, piece)
    log = ""
    if names:
        tools = binaries.find()
        job = runs.Job(source, folder, plan, plan.length(piece), on_progress, cancelled)
        log = runs.follow(
            job,
            lambda program, given: commands.encode(plan, piece, program=program, source=given),
            tools.ffmpeg,
        )
    made = _checked(plan, piece, [index(folder / name) for name in names], log)
    finish(folder, made)
    return made


def done(out_dir: Path, piece: Piece) -> Encoded | None:
    """What an earlier call made of this piece; None if it never finished."""
    try:
        data = json.loads((out_dir / piece.folder / DONE).read_text())
    except FileNotFoundError:
        return None
    return Encoded(data["seconds"], tuple(data["warnings"]))


def outputs(plan: Plan, piece: Piece) -> tuple[str, ...]:
    """Names of the files this piece consists of."""
    names: tuple[str, ...] = ()
    if piece.kind != "sound":
        names += tuple(f"v{rung.name}.mp4" for rung in plan.encoded)
    if piece.kind != "picture" and plan.source.sound:
        names += ("a.mp4",)
    return names


def emptied(folder: Path) -> Path:
    """The folder, new."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def index(path: Path) -> Track:
    """All there is in a finished file."""
    track = Track(path)
    track.poll()
    return track


def _checked(plan: Plan, piece: Piece, tracks: Sequence[Track], log: str) -> Encoded:
    """Measure what came out: ffmpeg's exit status says nothing about a damaged source."""
    promised = plan.length(piece)
    pictures = [track for track in tracks if track.path.name != "a.mp4"]
    lengths = [track.duration for track in pictures or tracks]
    seconds = min(lengths, default=promised)
    if max(lengths, default=0.0) - seconds > 0.1:
        raise FfmpegFailed(f"The rungs differ in length: {lengths}.")
    heard = [track for track in tracks if track.path.name == "a.mp4"]
    warnings = []
    if seconds < promised * LEAST and piece.first_frame == 0:
        raise BadMedia(_nothing(log))
    if seconds < promised * SHORT and promised - seconds > 1:
        warnings.append(_short(piece, seconds, promised))
    elif pictures and heard and heard[0].duration < seconds * SHORT - 1:
        warnings.append(f"The sound ends after {clock(heard[0].duration)}.")
    return Encoded(seconds, tuple(warnings))


def _nothing(log: str) -> str:
    if "moov atom not found" in log:
        return "The end of this file is missing: its index was never written. Upload it again."
    return "This file is damaged: nothing in it could be decoded."


def _short(piece: Piece, seconds: float, promised: float) -> str:
    if piece.first_frame:
        return f"A part of this video is missing: {clock(seconds)} of {clock(promised)} were found."
    return (
        f"The file is incomplete: it promises {clock(promised)} but holds {clock(seconds)}."
        " What there is has been kept."
    )


def clock(seconds: float) -> str:
    """1:02:03, or 2:03, for people."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def finish(folder: Path, made: Encoded) -> None:
    """Say that all files of the piece are in this folder."""
    draft = folder / f"{DONE}.{time.monotonic_ns()}"
    draft.write_text(json.dumps(asdict(made)))
    draft.replace(folder / DONE)
