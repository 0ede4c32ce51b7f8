"""What can be watched while the work still goes on: segments as they appear, EVENT playlists.

Each segment becomes a file of its own with a name that never changes its place in time,
so a caller may store the new ones and publish the playlists after every poll. The first
ones come from the opening; where the main job has caught up, its equals are not shown
again. Closing the playlists (`ended`) turns them into VOD without a reload.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from wetube.video.transcoding import copy, opening
from wetube.video.transcoding.commands import AUDIO_BITRATE
from wetube.video.transcoding.fragments import Fragment, Track
from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.plan import SEGMENT, Plan
from wetube.video.transcoding.playlists import Variant, bandwidth, event, master

MASTER = "master.m3u8"


@dataclass(frozen=True)
class Segment:
    """A file to publish: `length` bytes from `offset` on of a file that may still grow.

    `seconds` is 0 for a header (`…-init.mp4`).
    """

    name: str
    path: Path
    offset: int
    length: int
    seconds: float

    def read(self) -> bytes:
        return Track(self.path).read(self.offset, self.length)


@dataclass
class _Line:
    """One rendition of the preview: where its fragments come from, in order of time."""

    stem: str
    rung: Rung | None
    early: Track | None
    parts: list[Track]
    sizes: list[int | None]
    init: Segment | None = None
    listed: list[Segment] = field(default_factory=list)
    found: list[Fragment] = field(default_factory=list)

    @property
    def end(self) -> float:
        return self.found[-1].start + self.found[-1].duration if self.found else 0.0


class Preview:
    """The growing video of one plan in one folder of work.

    A new Preview over the same folder finds the same segments, so nothing needs to be
    remembered over a restart.
    """

    def __init__(self, plan: Plan, out_dir: Path, rungs: Sequence[Rung] | None = None) -> None:
        """`rungs` are those to show; None means all."""
        self.plan = plan
        shown = plan.rungs if rungs is None else rungs
        self.lines = [_picture_line(plan, out_dir, rung) for rung in shown]
        self.sound = _sound_line(plan, out_dir)

    def poll(self) -> list[Segment]:
        """Segments that are complete and were not returned before, headers among them."""
        new = [segment for line in self._ours() for segment in _grow(line)]
        for line in self.lines:
            if line.rung and line.rung.copied:
                new += _grow(line, until=self._reach())
        return new

    def playlists(self, *, ended: bool = False) -> dict[str, str]:
        """Name to text of every playlist; empty until picture and sound both play."""
        ready = [line for line in self.lines if line.listed]
        if (self.lines and not ready) or (self.sound and not self.sound.listed):
            return {}
        shown = [*ready, *([self.sound] if self.sound else [])]
        made = {f"{line.stem}.m3u8": self._media(line, ended=ended) for line in shown}
        heard = self._variant(self.sound) if self.sound else None
        pictures = [self._variant(line) for line in ready]
        made[MASTER] = master(pictures, heard, key_frames=False)
        return made

    def seconds(self) -> float:
        """How much can be watched by now, at the rendition that has got furthest."""
        reaches = [line.end for line in self.lines] or [self.sound.end if self.sound else 0.0]
        return max(reaches)

    def _ours(self) -> list[_Line]:
        encoded = [line for line in self.lines if not (line.rung and line.rung.copied)]
        return [*encoded, *([self.sound] if self.sound else [])]

    def _reach(self) -> float:
        """A copy is there at once, but may not run ahead of the sound that belongs to it."""
        return self.sound.end if self.sound else float("inf")

    def _media(self, line: _Line, *, ended: bool) -> str:
        assert line.init is not None  # noqa: S101 - a line with segments has its header
        segments = [(segment.name, segment.seconds) for segment in line.listed]
        picture = self.plan.source.picture
        copied = line.rung is not None and line.rung.copied and picture is not None
        longest = picture.key_gap or 0.0 if copied and picture else 0.0
        return event(line.init.name, segments, ended=ended, longest=max(longest, SEGMENT))

    def _variant(self, line: _Line) -> Variant:
        """Bandwidths of what is there, and at least what the rest is allowed to take."""
        peak, average = bandwidth(line.found)
        cap = line.rung.bitrate if line.rung else AUDIO_BITRATE
        source = _first(line)
        rate: Fraction | None = self.plan.rate if line.rung else None
        uri = f"{line.stem}.m3u8"
        return Variant(uri, source.known, max(peak, cap), average, rate)


def _picture_line(plan: Plan, out_dir: Path, rung: Rung) -> _Line:
    name = f"v{rung.name}.mp4"
    if rung.copied:
        return _Line(f"v{rung.name}", rung, None, [Track(out_dir / copy.FOLDER / name)], [None])
    early = Track(out_dir / opening.FOLDER / name) if rung == plan.lowest else None
    parts = [Track(out_dir / piece.folder / name) for piece in plan.picture_pieces]
    sizes = [piece.frames // plan.gop if piece.frames else None for piece in plan.picture_pieces]
    return _Line(f"v{rung.name}", rung, early, parts, sizes)


def _sound_line(plan: Plan, out_dir: Path) -> _Line | None:
    piece = plan.sound_piece
    if piece is None:
        return None
    early = Track(out_dir / opening.FOLDER / "a.mp4")
    return _Line("a", None, early, [Track(out_dir / piece.folder / "a.mp4")], [None])


def _grow(line: _Line, *, until: float = float("inf")) -> list[Segment]:
    new: list[Segment] = []
    ordered = _ordered(line)
    if line.init is None and ordered:
        source = ordered[0][0]
        length = source.known.length
        line.init = Segment(f"{line.stem}-init.mp4", source.path, 0, length, 0.0)
        new.append(line.init)
    for track, fragment in ordered[len(line.listed) :]:
        if fragment.start + fragment.duration > until + 1:
            break
        name = f"{line.stem}-{len(line.listed):05}.m4s"
        piece = Segment(name, track.path, fragment.offset, fragment.length, fragment.duration)
        line.listed.append(piece)
        line.found.append(fragment)
        new.append(piece)
    return new


def _ordered(line: _Line) -> list[tuple[Track, Fragment]]:
    """Fragments in order of time: of the main job, or of the opening while that is ahead."""
    main = _of_parts(line)
    if line.early is None:
        return main
    line.early.poll()
    early = [(line.early, fragment) for fragment in line.early.fragments]
    if line.rung is None:
        early = early[:-1]  # the last one was cut short
    return [*early[: len(early)], *main[len(early) :]]


def _of_parts(line: _Line) -> list[tuple[Track, Fragment]]:
    """A piece counts once all before it are complete, so that there is never a hole."""
    found: list[tuple[Track, Fragment]] = []
    for track, size in zip(line.parts, line.sizes, strict=True):
        track.poll()
        found += [(track, fragment) for fragment in track.fragments]
        if size is None or len(track.fragments) < size:
            break
    return found


def _first(line: _Line) -> Track:
    """A track whose header is known; all of a line have the same."""
    tracks = [*([line.early] if line.early else []), *line.parts]
    return next((track for track in tracks if track.header), tracks[-1])
