"""Follows a run of ffmpeg: its bounds by the size of the work, its progress for people."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from wetube.video.transcoding import sandbox
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.running import Watch, never, run

SILENCE = 300  # seconds without a word of progress
BYTES_PER_PIXEL = 512  # of address space, on top of the base; measured with 4K sources
THREAD = 96 * sandbox.MIB  # address space that one more core's threads reserve


@dataclass(frozen=True)
class Progress:
    """How far a run is: `fraction` 0–1, `speed` in seconds of video a second, seconds left."""

    fraction: float
    speed: float
    seconds_left: float


def ignore(_: Progress) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Job:
    """One run over a source: where it writes, how much it should yield, whom it answers to."""

    source: Path
    folder: Path
    plan: Plan
    seconds: float
    on_progress: Callable[[Progress], None] = ignore
    cancelled: Callable[[], bool] = never


def follow(
    job: Job,
    build: Callable[[str, str], list[str]],
    ffmpeg: Path,
    bounds: sandbox.Limits | None = None,
) -> str:
    """Run what `build(program, source)` says in the sandbox; the end of its log.

    Without `bounds` those of an encoding of this size hold.

    A plain error status is passed over: whoever calls measures the files. Raises Cancelled,
    TookTooLong, BadMedia where a bound was hit, FfmpegFailed where ffmpeg was killed.
    """
    bounds = bounds or limits(job)
    listener = _Listener(job)
    with sandbox.enter(reads=[job.source], out=job.folder, limits=bounds, programs=[ffmpeg]) as box:
        command = build(box.program(ffmpeg), box.inputs[0])
        watch = Watch(listener.hear, job.cancelled, seconds=2.0 * bounds.cpu, silence=SILENCE)
        ended = run(box, command, watch)
    ended.refuse()
    return ended.log


def limits(job: Job) -> sandbox.Limits:
    """Bounds that honest work of this size stays well within."""
    picture = job.plan.source.picture
    pixels = picture.pixels if picture else 0
    cores = os.cpu_count() or 1
    bitrate = sum(rung.bitrate for rung in job.plan.rungs) + 256_000
    return sandbox.Limits(
        memory=2048 * sandbox.MIB + pixels * BYTES_PER_PIXEL + cores * THREAD,
        cpu=600 + round(job.seconds * (20 + 40 * pixels / 1e6)),
        file_size=64 * sandbox.MIB + round(bitrate * job.seconds / 4),
    )


@dataclass
class _Listener:
    """Turns ffmpeg's `-progress` lines into Progress."""

    job: Job
    begun: float = field(default_factory=time.monotonic)
    values: dict[str, str] = field(default_factory=dict)

    def hear(self, line: str) -> None:
        name, _, value = line.partition("=")
        self.values[name] = value.strip()
        if name == "progress":
            self.job.on_progress(self._progress(ended=value.strip() == "end"))

    def _progress(self, *, ended: bool) -> Progress:
        spent = max(time.monotonic() - self.begun, 1e-3)
        made = self._seconds()
        fraction = 1.0 if ended else min(made / max(self.job.seconds, 1e-3), 0.999)
        left = spent * (1 - fraction) / fraction if fraction > 0 else 0.0
        return Progress(fraction, made / spent, left)

    def _seconds(self) -> float:
        """By the frame count where there is one, because out_time includes a piece's start."""
        frames = _number(self.values.get("frame", ""))
        if frames:
            return frames / float(self.job.plan.rate)
        return max(0.0, _number(self.values.get("out_time_us", "")) / 1e6)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
