"""`script/doctor`: what this machine lacks for WeTube, and how to get it."""

import os
import platform
import resource
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from script import front_end, media_tools
from script.findings import Finding, missing, ok, weak
from script.shell import PYTHON, ROOT, CommandFailed, must, run, say

GIB = 1 << 30


def main() -> int:
    """Returns 1 when something is missing without which WeTube does not work."""
    questions: tuple[Callable[[], Iterator[Finding]], ...] = (
        *(_python, _node, _ffmpeg, _bubblewrap),
        *(_machine, _disk, _files, _ports, _clock),
    )
    found = list(chain.from_iterable(question() for question in questions))
    for finding in found:
        finding.tell()
    bad = any(finding.level == "missing" for finding in found)
    if (PYTHON.parent / "daphne").exists():
        ask = "from script.site_diagnosis import main; raise SystemExit(main())"
        bad |= bool(run([PYTHON, "manage.py", "shell", "--no-imports", "--command", ask]))
    else:
        say("\nNothing is installed yet, so the site itself was not looked at: run script/server.")
    say("\nSomething is missing." if bad else "\nNothing that WeTube needs is missing.")
    return int(bad)


def _python() -> Iterator[Finding]:
    yield ok("Python", f"{platform.python_version()} in .venv")
    if sys.platform != "linux":
        yield weak(
            "system", f"{platform.system()}: WeTube is tested on Linux; orphans may outlive a crash"
        )


def _node() -> Iterator[Finding]:
    node = shutil.which("node")
    if node and shutil.which("npm"):
        yield ok("Node", f"{must([node, '--version']).strip()} with npm")
    else:
        yield ok("Node", "not installed; script/server brings one by pip")
    present = all((front_end.SERVED / script.served_as).exists() for script in front_end.SCRIPTS)
    if not present:
        yield weak("front end", "its packages are not installed yet: run script/server")


def _ffmpeg() -> Iterator[Finding]:
    media_tools.use_brought()
    ffmpeg = shutil.which("ffmpeg")
    if not (ffmpeg and shutil.which("ffprobe")):
        yield weak("ffmpeg", "not installed; script/server brings one (better: apt install ffmpeg)")
        return
    version = must([ffmpeg, "-hide_banner", "-version"]).split()[2]
    encoders = must([ffmpeg, "-hide_banner", "-encoders"])
    filters = must([ffmpeg, "-hide_banner", "-filters"])
    yield ok("ffmpeg", f"{version} at {ffmpeg}")
    for name, use in (("libx264", "any video"), ("aac", "any sound")):
        if f" {name} " not in encoders:
            yield missing(name, f"this ffmpeg cannot encode {use}: install the system's full build")
    if " zscale " not in filters:
        yield weak("zscale", "this ffmpeg has no zscale filter: HDR films look flat")
    if " libsvtav1 " not in encoders:
        yield weak("libsvtav1", "this ffmpeg has no fast AV1 encoder")


def _bubblewrap() -> Iterator[Finding]:
    if shutil.which("bwrap"):
        yield ok("bubblewrap", "installed; uploaded files are opened in a sandbox of their own")
    else:
        yield weak("bubblewrap", "not installed: apt install bubblewrap makes uploads far safer")


def _machine() -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    words = f"{cores} cores, {memory / GIB:.0f} GiB of memory"
    small = cores < 2 or memory < 2 * GIB
    yield weak("machine", f"{words}: transcoding will be slow") if small else ok("machine", words)
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 1024:
        yield weak("open files", f"only {soft} at once: ulimit -n 4096")


def _disk() -> Iterator[Finding]:
    folder = data_folder()
    free = shutil.disk_usage(_existing(folder)).free
    words = f"{free / GIB:.1f} GiB free for {folder}"
    if free < GIB:
        yield missing("disk", f"{words}: uploads need room; WETUBE_DATA names another place")
    elif free < 20 * GIB:
        yield weak("disk", f"{words}: enough to try, little for films")
    else:
        yield ok("disk", words)


def _files() -> Iterator[Finding]:
    nearest = _existing(data_folder())
    if os.access(nearest, os.W_OK | os.X_OK):
        yield ok("data folder", f"{data_folder()} can be written")
    else:
        yield missing("data folder", f"{nearest} cannot be written by you; set WETUBE_DATA")


def _ports() -> Iterator[Finding]:
    for port, what in ((8000, "the site"), (8001, "the gateway")):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                yield ok(f"port {port}", f"free for {what}")
            else:
                yield ok(f"port {port}", "answers already: WeTube itself, or the next free is used")


def _clock() -> Iterator[Finding]:
    """Grants, claims and one-time codes live by the clock; it cannot be older than the code."""
    newest = max(path.stat().st_mtime for path in (ROOT / "script").glob("*.py"))
    if time.time() < newest - 300:
        yield missing("clock", "is behind the files of this folder: set it, best by NTP")
        return
    try:
        synced = must(["timedatectl", "show", "-p", "NTPSynchronized", "--value"]).strip() == "yes"
    except (CommandFailed, FileNotFoundError):
        yield ok("clock", "plausible; nobody here could say whether it is synchronised")
        return
    yield ok("clock", "synchronised") if synced else weak("clock", "not synchronised: enable NTP")


def data_folder() -> Path:
    return Path(os.environ.get("WETUBE_DATA") or ROOT / "var" / "data")


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


if __name__ == "__main__":
    sys.exit(main())
