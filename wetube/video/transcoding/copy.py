"""Publishes a source that already fits as its own top rendition: repacked, not re-encoded."""

from collections.abc import Callable
from pathlib import Path

from wetube.video.transcoding import binaries, commands, runs
from wetube.video.transcoding.encode import SHORT, emptied, index
from wetube.video.transcoding.errors import FfmpegFailed
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.running import never
from wetube.video.transcoding.runs import Progress, ignore

FOLDER = "copied"


def copy(
    source: Path,
    plan: Plan,
    out_dir: Path,
    on_progress: Callable[[Progress], None] = ignore,
    cancelled: Callable[[], bool] = never,
) -> Path | None:
    """The file of the copied rung, `out_dir / copied / v<rung>.mp4`; None if none is copied.

    Raises FfmpegFailed when the copy came out shorter than the source says: plan again
    with `may_copy=False`.
    """
    rung = plan.copied
    if rung is None:
        return None
    folder = emptied(out_dir / FOLDER)
    draft = emptied(folder / "draft")
    job = runs.Job(source, draft, plan, plan.source.duration, on_progress, cancelled)
    log = runs.follow(
        job,
        lambda program, given: commands.copy(plan, rung, program=program, source=given),
        binaries.find().ffmpeg,
    )
    made = index(draft / f"v{rung.name}.mp4")
    if not made.fragments or made.duration < plan.source.duration * SHORT - 1:
        raise FfmpegFailed(f"The source could not be copied whole. {log[-200:]}")
    return made.path.replace(folder / made.path.name)
