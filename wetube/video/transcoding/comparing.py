"""Holds an encoded piece against its source, picture by picture.

Source and files are decoded whole and compared by SSIM (Wang et al. 2004, as ffmpeg's `ssim`
filter computes it): 1 is the same picture, below about 0.5 another one. How alike an honest
encoding is depends on the film, so the figures mean something only beside those of an encoding
of ours.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ffmpeg

from wetube.video.transcoding import binaries, runs, sandbox
from wetube.video.transcoding.commands import (
    ANONYMOUS,
    Stream,
    compiled,
    open_source,
    picture_of,
    prepared,
)
from wetube.video.transcoding.errors import FfmpegFailed
from wetube.video.transcoding.ladder import Rung
from wetube.video.transcoding.plan import Piece, Plan
from wetube.video.transcoding.probe import input_options
from wetube.video.transcoding.running import Watch, run

LINE = re.compile(r"n:(\d+) .*All:(\S+)")
MOST_LINE = 200  # bytes of one frame's line


@dataclass(frozen=True)
class Looks:
    """Which frames are compared: every `stride`-th, beginning with `phase` (less than stride)."""

    stride: int = 1
    phase: int = 0


EVERY = Looks()


def frames(
    job: runs.Job, piece: Piece, files: Mapping[Rung, Path], looks: Looks = EVERY
) -> dict[Rung, list[float]]:
    """How alike the frames looked at are to the source's, in order.

    `files` are the plan's rungs, largest first. `job.folder` gets one log a file. A list is as
    long as the longer of the two, source or file. Raises what `runs.follow` raises, and
    FfmpegFailed.
    """
    bounds = runs.limits(job)
    log = sandbox.MIB + round(job.seconds * float(job.plan.rate) * MOST_LINE)
    bounds = replace(bounds, memory=2 * bounds.memory, file_size=log)
    tools = binaries.find()
    paths = [job.source, *files.values()]
    with sandbox.enter(reads=paths, out=job.folder, limits=bounds, programs=[tools.ffmpeg]) as box:
        words = [box.program(tools.ffmpeg), *box.inputs]
        command = _command(job.plan, piece, list(files), looks, words)
        watch = Watch(_nothing, job.cancelled, seconds=2.0 * bounds.cpu, silence=runs.SILENCE)
        ended = run(box, command, watch)
    ended.refuse()
    return {rung: _read(job.folder / _log_of(rung), ended.log) for rung in files}


def _command(
    plan: Plan, piece: Piece, rungs: Sequence[Rung], looks: Looks, words: Sequence[str]
) -> list[str]:
    """`words`: the program, the source, then a file for each rung."""
    program, source, *made = words
    flow = open_source(plan, source, piece)[str(picture_of(plan).index)]
    flow = _chosen(prepared(plan, piece, flow, rungs[0]), looks)
    outputs = []
    for rung, name in zip(rungs, made, strict=True):
        if rung is not rungs[0]:
            flow = flow.filter("scale", rung.width, rung.height, flags="bicubic")
            flow = flow.filter("setsar", "1")
        reference = flow
        if rung is not rungs[-1]:
            both = flow.filter_multi_output("split")
            flow, reference = both[0], both[1]
        theirs = ffmpeg.input(name, **input_options("mov"))["v:0"]
        theirs = _chosen(theirs.filter("setpts", "PTS-STARTPTS"), looks)
        theirs = theirs.filter("scale", rung.width, rung.height).filter("setsar", "1")
        pair = [theirs.filter("format", "yuv420p"), reference]
        alike = ffmpeg.filter(pair, "ssim", stats_file=_log_of(rung))
        outputs.append(ffmpeg.output(alike, "pipe:", **ANONYMOUS, format="null"))
    return compiled(outputs, program)


def _chosen(flow: Stream, looks: Looks) -> Stream:
    if looks.stride == 1:
        return flow
    return flow.filter("select", f"not(mod(n-{looks.phase},{looks.stride}))")


def _log_of(rung: Rung) -> str:
    return f"like-{rung.name}.log"


def _read(path: Path, log: str) -> list[float]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        raise FfmpegFailed(f"The pictures could not be compared. {log[-200:]}") from None
    found = (LINE.match(line) for line in lines)
    return [float(each[2]) for each in found if each]


def _nothing(_: str) -> None:
    """Progress of a comparison is nobody's news."""
