"""Makes the first seconds at the lowest rung alone, so that something plays at once.

The fragments have the same header and the same borders as those of the main job, so a
playlist may begin with these and go on with those.
"""

from collections.abc import Callable
from pathlib import Path

from wetube.video.transcoding import binaries, commands, runs
from wetube.video.transcoding.encode import emptied, index
from wetube.video.transcoding.errors import BadMedia
from wetube.video.transcoding.plan import SEGMENT, Plan
from wetube.video.transcoding.running import never
from wetube.video.transcoding.runs import Progress, ignore

FOLDER = "opening"


def worthwhile(plan: Plan, *, seconds: float = 2 * SEGMENT) -> bool:
    """Short videos are ready as soon as their opening, and sound alone is quick anyway."""
    return bool(plan.rungs) and plan.source.duration > 2 * seconds


def opening(
    source: Path,
    plan: Plan,
    out_dir: Path,
    on_progress: Callable[[Progress], None] = ignore,
    cancelled: Callable[[], bool] = never,
    seconds: float = 2 * SEGMENT,
) -> Path:
    """Write `v<lowest>.mp4` and `a.mp4` into the folder that is returned.

    Only whole segments of it count (see `preview.Preview`), and the sound's last one is
    always cut short. Raises BadMedia when there is not one whole segment.
    """
    folder = emptied(out_dir / FOLDER)
    frames = plan.gop * max(1, round(seconds / SEGMENT))
    length = float(plan.seconds(frames))
    job = runs.Job(source, folder, plan, length, on_progress, cancelled)
    runs.follow(
        job,
        lambda program, given: commands.opening(plan, frames=frames, program=program, source=given),
        binaries.find().ffmpeg,
    )
    if not index(folder / f"v{plan.rungs[-1].name}.mp4").fragments:
        raise BadMedia("This file is damaged: its beginning could not be decoded.")
    return folder
