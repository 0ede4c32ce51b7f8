"""Judges a piece that somebody else encoded, without believing a word of it.

1. Its files have exactly the shape of ours (`shape`).
2. All of it is decoded, with the source, and every few frames are compared.
3. Some segments are encoded again here: a random one, the one least like the source, and the
   last of a piece whose end the source decides. Theirs must have our header, byte for byte, so
   that they join; as many frames; and be as like the source as ours, within a margin.

So a wrong frame anywhere makes its segment the least like, which is looked at closely; and noise
that no encoder keeps is forgiven, because ours does not keep it either.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wetube.video.transcoding import comparing, encode, runs, shape
from wetube.video.transcoding.comparing import Looks
from wetube.video.transcoding.encode import emptied, outputs
from wetube.video.transcoding.fragments import Track
from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.plan import Piece, Plan
from wetube.video.transcoding.running import never
from wetube.video.transcoding.shape import NotOurs

STRIDE = 5  # frames from one that is compared to the next
MARGIN = 0.03  # of SSIM that a segment may be below ours; two encodings of ours differ by 0.005
LOOSE = 0.15  # more of it, for each that ours is below 1: where much is lost, much varies
WORST = 0.25  # that any one frame may be below the worst of ours

Tracks = Mapping[Rung, Track]


@dataclass(frozen=True)
class Case:
    """What is judged: `theirs` holds the files of `piece`, `work` is ours to write in."""

    source: Path
    plan: Plan
    piece: Piece
    theirs: Path
    work: Path
    cancelled: Callable[[], bool] = never

    def job(self, name: str, seconds: float) -> runs.Job:
        folder = emptied(self.work / name)
        return runs.Job(self.source, folder, self.plan, seconds, cancelled=self.cancelled)


def inspect(case: Case, dice: random.Random | None = None) -> float:
    """Seconds of output that are as good as ours. Raises NotOurs, with the reason.

    Whatever else it raises says nothing about the files: the source, or this machine, failed.
    """
    dice = dice or random.SystemRandom()
    tracks = _shaped(case)
    alike = _alike(case, tracks, dice.randrange(STRIDE))
    for number in _suspects(case, alike, dice):
        _compare_closely(case, tracks, number)
    return min(track.duration for track in tracks.values())


def _shaped(case: Case) -> Tracks:
    wanted = set(outputs(case.plan, case.piece))
    found = {path.name for path in case.theirs.iterdir() if path.is_file()}
    if found != wanted:
        raise NotOurs(f"These files were due: {', '.join(sorted(wanted))}.")
    if sum((case.theirs / name).stat().st_size for name in found) > shape.most_bytes(
        case.plan, case.piece
    ):
        raise NotOurs("The files are heavier than their rungs allow.")
    tracks = {
        rung: shape.check(case.theirs / f"v{rung.name}.mp4", case.plan, case.piece, rung)
        for rung in case.plan.encoded
    }
    if len({sum(each.samples for each in track.fragments) for track in tracks.values()}) > 1:
        raise NotOurs("The rungs differ in length.")
    return tracks


def _alike(case: Case, tracks: Tracks, phase: int) -> list[float]:
    """How like the source each segment is, at the rung that is least so."""
    looks = Looks(STRIDE, phase)
    files = {rung: track.path for rung, track in tracks.items()}
    length = case.plan.length(case.piece)
    found = comparing.frames(case.job("all", length), case.piece, files, looks)
    means: list[float] = []
    for rung, values in found.items():
        track = tracks[rung]
        frames = sum(fragment.samples for fragment in track.fragments)
        if len(values) != len(range(phase, frames, STRIDE)):
            raise NotOurs(f"{track.path.name} does not last as long as its source, or breaks off.")
        by_segment = _by_segment(values, case.plan.gop, phase)
        means = [min(pair) for pair in zip(means or by_segment, by_segment, strict=True)]
    return means


def _by_segment(values: Sequence[float], gop: int, phase: int) -> list[float]:
    """The least of each segment's frames; a segment too short to have been looked at counts 1."""
    least: dict[int, float] = {}
    for number, value in enumerate(values):
        segment = (phase + number * STRIDE) // gop
        least[segment] = min(value, least.get(segment, 1.0))
    return [least.get(number, 1.0) for number in range(max(least, default=-1) + 1)]


def _suspects(case: Case, alike: Sequence[float], dice: random.Random) -> set[int]:
    last = max(0, len(alike) - 1)
    chosen = {dice.randint(0, last), min(range(len(alike)), key=alike.__getitem__, default=0)}
    return chosen if case.piece.frames is not None else chosen | {last}


def _compare_closely(case: Case, tracks: Tracks, number: int) -> None:
    """Encode this segment here and hold both against the source at full size."""
    plan = replace(case.plan, rungs=case.plan.encoded, pieces=(_segment(case, tracks, number),))
    (piece,) = plan.pieces
    work = emptied(case.work / "close")
    encode.encode(case.source, plan, piece, work, cancelled=case.cancelled)
    ours = {rung: encode.index(work / piece.folder / f"v{rung.name}.mp4") for rung in plan.encoded}
    theirs = {rung: _cut(track, number, work) for rung, track in tracks.items()}
    for rung, track in ours.items():
        _check_fits(track, theirs[rung], number)
    of_ours = _likeness(case, piece, ours, "ours")
    of_theirs = _likeness(case, piece, theirs, "theirs")
    for rung, values in of_theirs.items():
        _judge(of_ours[rung], values, f"Segment {number} at rung {rung.name}")


def _segment(case: Case, tracks: Tracks, number: int) -> Piece:
    """The piece that is this segment alone; to the source's end where the whole one goes there."""
    first = case.piece.first_frame + number * case.plan.gop
    count = min(len(track.fragments) for track in tracks.values())
    if case.piece.frames is None and number >= count - 1:
        return Piece(0, "picture", first)
    frames = case.plan.gop
    if case.piece.frames is not None:
        frames = min(frames, case.piece.first_frame + case.piece.frames - first)
    return Piece(0, "picture", first, frames)


def _cut(track: Track, number: int, work: Path) -> Track:
    fragment = track.fragments[number]
    cut = emptied(work / f"theirs-{track.path.stem}") / track.path.name
    cut.write_bytes(
        track.read(0, track.known.length) + track.read(fragment.offset, fragment.length)
    )
    return encode.index(cut)


def _check_fits(ours: Track, theirs: Track, number: int) -> None:
    header = ours.read(0, ours.known.length)
    if theirs.read(0, theirs.known.length) != header:
        raise NotOurs(f"{theirs.path.name} was made with other settings than ours.")
    expected = [each.samples for each in ours.fragments]
    if [each.samples for each in theirs.fragments] != expected:
        raise NotOurs(f"Segment {number} of {theirs.path.name} has not the frames of its source.")


def _likeness(case: Case, piece: Piece, tracks: Tracks, name: str) -> dict[Rung, list[float]]:
    files = {rung: track.path for rung, track in tracks.items()}
    seconds = max(track.duration for track in tracks.values())
    return comparing.frames(case.job(f"like-{name}", seconds), piece, files)


def _judge(ours: Sequence[float], theirs: Sequence[float], what: str) -> None:
    if len(ours) != len(theirs) or not ours:
        raise NotOurs(f"{what} cannot be decoded whole.")
    mean = sum(ours) / len(ours)
    below = mean - sum(theirs) / len(theirs)
    if below > MARGIN + LOOSE * (1 - mean) or min(theirs) < min(ours) - WORST:
        raise NotOurs(f"{what} does not show what its source shows (SSIM {min(theirs):.3f}).")
