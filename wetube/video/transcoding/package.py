"""Turns finished pieces into the folder that is published: files, playlists, pictures.

`out_dir / result` appears in one rename when all of it is there; a call that was killed
leaves only `result.part`, which the next one empties.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wetube.video.transcoding import binaries, commands, copy, playlists, sandbox, stills
from wetube.video.transcoding.encode import done, emptied, index
from wetube.video.transcoding.errors import FfmpegFailed
from wetube.video.transcoding.fragments import Track
from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.running import Watch, run

FOLDER = "result"
PROGRESSIVE_SIDE = 720
POSTER_SIDE = 1080


@dataclass(frozen=True)
class Rendition:
    """One published file: bandwidths in bits/s, size in bytes; sound has no width."""

    name: str
    file: str
    codec: str
    width: int
    height: int
    bandwidth: int
    average: int
    size: int


@dataclass(frozen=True)
class Packaged:
    """What is to be stored as one directory: `files` maps each name to its size in bytes."""

    folder: Path
    files: dict[str, int]
    duration: float
    renditions: tuple[Rendition, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Made:
    """A rendition's file with its place in the plan; no rung means sound."""

    rung: Rung | None
    track: Track

    @property
    def file(self) -> str:
        return self.track.path.name


def package(out_dir: Path, plan: Plan) -> Packaged:
    """Join the pieces, write every playlist, the progressive file and the pictures.

    Raises FfmpegFailed when a piece was never finished or the joint is not seamless.
    """
    draft = emptied(out_dir / f"{FOLDER}.part")
    warnings = [*plan.warnings, *_warnings(out_dir, plan)]
    pictures = [_Made(rung, _joined(out_dir, plan, rung, draft)) for rung in plan.rungs]
    sound = _sound(out_dir, plan, draft)
    _check(plan, pictures, torn=len(warnings) > len(plan.warnings))
    renditions = _write_playlists(plan, pictures, sound, draft)
    _write_progressive(pictures, sound, draft)
    if pictures:
        _write_pictures(pictures, draft)
    folder = out_dir / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return Packaged(
        folder=folder,
        files={path.name: path.stat().st_size for path in sorted(folder.iterdir())},
        duration=max(made.track.duration for made in (*pictures[-1:], sound) if made),
        renditions=tuple(renditions),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def best(folder: Path, plan: Plan, side: int = POSTER_SIDE) -> Track:
    """The tallest rendition of a result that is not above `side`, for posters.

    Raises FfmpegFailed for a result without picture.
    """
    fitting = [rung for rung in plan.rungs if rung.short_side <= side] or plan.rungs[-1:]
    if not fitting:
        raise FfmpegFailed("There is no picture to take a poster from.")
    return index(folder / f"v{fitting[0].name}.mp4")


def _warnings(out_dir: Path, plan: Plan) -> list[str]:
    found: list[str] = []
    for piece in plan.pieces:
        made = done(out_dir, piece)
        if made is None:
            raise FfmpegFailed(f"Piece {piece.index} of this video was never finished.")
        found += made.warnings
    return found


def _joined(out_dir: Path, plan: Plan, rung: Rung, draft: Path) -> Track:
    """One file per rung: the first header, then every piece's fragments, byte for byte."""
    whole = draft / f"v{rung.name}.mp4"
    if rung.copied:
        _link(out_dir / copy.FOLDER / whole.name, whole)
        return index(whole)
    parts = [index(out_dir / piece.folder / whole.name) for piece in plan.picture_pieces]
    parts = [part for part in parts if part.fragments]
    if len(parts) == 1:
        _link(parts[0].path, whole)
        return index(whole)
    header = parts[0].read(0, parts[0].known.length)
    with whole.open("wb") as file:
        file.write(header)
        for part in parts:
            if part.read(0, part.known.length) != header:
                raise FfmpegFailed(f"{part.path} was made with other settings than the first.")
            with part.path.open("rb") as source:
                source.seek(part.known.length)
                shutil.copyfileobj(source, file, 1 << 20)
    return index(whole)


def _link(source: Path, target: Path) -> None:
    if not source.exists():
        raise FfmpegFailed(f"{source.name} was never made.")
    try:
        target.hardlink_to(source)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _sound(out_dir: Path, plan: Plan, draft: Path) -> _Made | None:
    piece = plan.sound_piece
    if piece is None:
        return None
    _link(out_dir / piece.folder / "a.mp4", draft / "a.mp4")
    made = _Made(None, index(draft / "a.mp4"))
    if not made.track.fragments and plan.rungs:
        made.track.path.unlink()
        return None
    return made


def _check(plan: Plan, pictures: Sequence[_Made], *, torn: bool) -> None:
    """Encoded rungs have equal borders, and no frame is missing that was not reported."""
    ours = [made for made in pictures if made.rung and not made.rung.copied]
    borders = {tuple(each.start for each in made.track.fragments) for made in ours}
    if len(borders) > 1:
        raise FfmpegFailed("The segments of the rungs do not begin at the same moments.")
    for made in ours:
        if not torn and made.track.largest_gap() > float(plan.seconds(1)) / 2:
            raise FfmpegFailed(f"{made.file} has a hole of {made.track.largest_gap():.3f} s.")


def _write_playlists(
    plan: Plan, pictures: Sequence[_Made], sound: _Made | None, draft: Path
) -> list[Rendition]:
    variants, renditions = [], []
    for made in (*pictures, *([sound] if sound else [])):
        track = made.track
        uri = track.path.with_suffix(".m3u8").name
        (draft / uri).write_text(playlists.media(made.file, track.known, track.fragments))
        peak, average = playlists.bandwidth(track.fragments)
        rate = plan.source.picture.fps if plan.source.picture and made.rung else None
        if made.rung and not made.rung.copied:
            rate = plan.rate
        key_peak = playlists.key_bandwidth(track.fragments) if made.rung else 0
        variant = playlists.Variant(uri, track.known, peak, average, rate, key_peak)
        if made.rung:
            listed = playlists.iframes(made.file, track.known, track.fragments)
            (draft / variant.iframes_uri).write_text(listed)
        variants.append(variant)
        renditions.append(_rendition(made, variant))
    heard = variants.pop() if sound else None
    (draft / "master.m3u8").write_text(playlists.master(variants, heard, key_frames=True))
    return renditions


def _rendition(made: _Made, variant: playlists.Variant) -> Rendition:
    header = made.track.known
    return Rendition(
        name=made.rung.name if made.rung else "sound",
        file=made.file,
        codec=header.codec,
        width=header.width,
        height=header.height,
        bandwidth=variant.peak,
        average=variant.average,
        size=made.track.path.stat().st_size,
    )


def _write_progressive(pictures: Sequence[_Made], sound: _Made | None, draft: Path) -> None:
    """For players without HLS: the best rung up to 720p, repacked with the sound."""
    fitting = [made for made in pictures if _short(made) <= PROGRESSIVE_SIDE]
    parts = [*(fitting or list(pictures[-1:]))[:1], *([sound] if sound else [])]
    tools = binaries.find()
    paths = [made.track.path for made in parts]
    size = sum(path.stat().st_size for path in paths)
    limits = sandbox.Limits(file_size=2 * size + 16 * sandbox.MIB, cpu=600)
    with sandbox.enter(reads=paths, out=draft, limits=limits, programs=[tools.ffmpeg]) as box:
        program = box.program(tools.ffmpeg)
        command = commands.progressive(program=program, sources=box.inputs)
        ended = run(box, command, Watch(lambda _: None, seconds=3600, silence=600))
    ended.refuse()
    if ended.code or not (draft / "progressive.mp4").exists():
        raise FfmpegFailed(f"The progressive file was not made. {ended.log[-200:]}")


def _short(made: _Made) -> int:
    return min(made.track.known.width, made.track.known.height)


def _write_pictures(pictures: Sequence[_Made], draft: Path) -> None:
    board = stills.storyboard(pictures[-1].track)
    (draft / "storyboard.jpg").write_bytes(board.jpeg)
    (draft / "storyboard.vtt").write_text(board.webvtt("storyboard.jpg"))
    fitting = [made for made in pictures if _short(made) <= POSTER_SIDE]
    chosen = (fitting or list(pictures[-1:]))[0]
    (draft / "poster.jpg").write_bytes(stills.poster(chosen.track))
