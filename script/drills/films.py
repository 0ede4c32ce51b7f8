"""Films for the drills, drawn by ffmpeg."""

import shutil
from pathlib import Path

from script.shell import must


def draw(path: Path, *, seconds: float = 6, size: str = "640x360", rate: int = 25) -> Path:
    """A moving picture with a tone, in H.264 and AAC."""
    ffmpeg = shutil.which("ffmpeg") or "ffmpeg"
    source = f"testsrc2=size={size}:rate={rate}:duration={seconds}"
    tone = f"sine=frequency=330:duration={seconds}"
    codecs = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    inputs = ["-f", "lavfi", "-i", source, "-f", "lavfi", "-i", tone]
    must([ffmpeg, "-v", "error", "-y", *inputs, *codecs, "-shortest", "-g", "50", path])
    return path
