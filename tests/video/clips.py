"""Small real films for tests, made by ffmpeg."""

import subprocess
from pathlib import Path


def make_clip(path: Path, *, seconds: int = 6, size: str = "640x360", sound: bool = True) -> Path:
    """A moving test picture with a tone; `path` decides the container."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    codecs = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "32", "-g", "50"]
    codecs += ["-pix_fmt", "yuv420p"]
    codecs += ["-c:a", "aac", "-shortest"] if sound else []
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["ffmpeg", "-v", "error", "-y", *inputs, *codecs, "-f", "mp4", str(path)]
    subprocess.run(command, check=True, timeout=120)
    return path
