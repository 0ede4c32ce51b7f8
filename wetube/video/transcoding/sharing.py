"""The picture of a source alone, for workers elsewhere: without sound, names, places or notes.

What cameras write beside the picture is nobody's business, and is not published either. The
packets are copied, not encoded again, so a stranger's work is as good as ours; that the same
frames come out at the same moments is not assumed but compared.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ffmpeg

from wetube.video.transcoding import binaries, runs, sandbox
from wetube.video.transcoding.commands import (
    ANONYMOUS,
    compiled,
    open_source,
    picture_of,
    prepared,
)
from wetube.video.transcoding.encode import emptied
from wetube.video.transcoding.errors import TranscodingError
from wetube.video.transcoding.plan import SEEKABLE, Piece, Plan
from wetube.video.transcoding.running import never

FOLDER = "shared"
FORMATS = {"mov": "mov", "matroska": "matroska"}  # demuxer to muxer
NOTES = {"h264": "filter_units=remove_types=6", "hevc": "filter_units=remove_types=39|40"}


class Unshareable(TranscodingError):
    """Cut down to its picture, this source would not show the same; keep it here."""


def share(source: Path, plan: Plan, out_dir: Path, cancelled: Callable[[], bool] = never) -> Path:
    """A file of the picture alone; `plan_for` has the plan over it.

    Raises Unshareable, and what `runs.follow` raises.
    """
    if plan.source.demuxer not in SEEKABLE or not plan.encoded:
        raise Unshareable("Such a source is not worked on in pieces.")
    folder = emptied(out_dir / FOLDER)
    job = runs.Job(source, folder, plan, plan.source.duration, cancelled=cancelled)
    made = _copied(job)
    theirs = plan_for(plan, made.stat().st_size)
    for number, piece in enumerate(_samples(plan)):
        ours = _digest(job, piece, folder / f"ours-{number}")
        same = replace(job, source=made, plan=theirs)
        if not ours or _digest(same, piece, folder / f"theirs-{number}") != ours:
            raise Unshareable("Without its sound this source shows other frames.")
    return made


def plan_for(plan: Plan, size: int) -> Plan:
    """The same plan over the shared file of so many bytes, whose only stream is the picture."""
    picture = replace(picture_of(plan), index=0)
    return replace(plan, source=replace(plan.source, size=size, picture=picture, sound=None))


def _copied(job: runs.Job) -> Path:
    picture = picture_of(job.plan)
    form = FORMATS[job.plan.source.demuxer]
    bare = {"bsf:v": NOTES[picture.codec]} if picture.codec in NOTES else {}

    def build(program: str, given: str) -> list[str]:
        stream = open_source(job.plan, given, None)[str(picture.index)]
        options = {**ANONYMOUS, "c:v": "copy", **bare}
        return compiled([ffmpeg.output(stream, f"picture.{form}", format=form, **options)], program)

    bounds = replace(runs.limits(job), file_size=2 * job.plan.source.size + 16 * sandbox.MIB)
    log = runs.follow(job, build, binaries.find().ffmpeg, bounds)
    made = job.folder / f"picture.{form}"
    if not made.exists() or not made.stat().st_size:
        raise Unshareable(f"The picture could not be taken out. {log[-200:]}")
    return made


def _samples(plan: Plan) -> list[Piece]:
    """A segment at the beginning, and one where the last piece begins."""
    starts = {0, max(piece.first_frame for piece in plan.picture_pieces)}
    return [Piece(0, "picture", start, plan.gop) for start in sorted(starts)]


def _digest(job: runs.Job, piece: Piece, folder: Path) -> str:
    """The MD5 of these frames as an encoder would get them, "" when there are none."""
    name = "frames.md5"

    def build(program: str, given: str) -> list[str]:
        flow = open_source(job.plan, given, piece)[str(picture_of(job.plan).index)]
        flow = prepared(job.plan, piece, flow, job.plan.encoded[-1])
        return compiled([ffmpeg.output(flow, name, **ANONYMOUS, format="md5")], program)

    runs.follow(replace(job, folder=emptied(folder)), build, binaries.find().ffmpeg)
    try:
        return (folder / name).read_text()
    except FileNotFoundError:
        return ""
