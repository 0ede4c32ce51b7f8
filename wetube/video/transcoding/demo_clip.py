"""A short film of our own making, for those who have none at hand."""

import subprocess
from pathlib import Path

import ffmpeg

from wetube.video.transcoding import binaries
from wetube.video.transcoding.errors import FfmpegFailed

SECONDS = 10
COLOURS = "c0=0x0b132b:c1=0x5f0f40:c2=0xe36414:c3=0x0f4c5c:c4=0x9a031e"
CHORD = "0.1*(sin(2*PI*196*t)+sin(2*PI*246.9*t)+sin(2*PI*293.7*t))*(0.6+0.4*sin(PI*t/3))"


def make(path: Path) -> Path:
    """Ten seconds of slowly turning colours with a quiet chord. Raises FfmpegFailed."""
    picture = ffmpeg.input(
        f"gradients=size=854x480:rate=24:n=5:speed=0.02:{COLOURS}", format="lavfi", t=SECONDS
    )
    sound = ffmpeg.input(f"aevalsrc={CHORD}:s=48000", format="lavfi", t=SECONDS)
    command = ffmpeg.output(
        picture.video,
        sound.audio,
        str(path),
        vcodec="libx264",
        preset="veryfast",
        pix_fmt="yuv420p",
        g=48,
        acodec="aac",
        movflags="+faststart",
    ).compile(cmd=str(binaries.find().ffmpeg), overwrite_output=True)
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=300)  # noqa: S603 - our own words
    except subprocess.SubprocessError as error:
        raise FfmpegFailed("The demo film could not be made.") from error
    return path
