"""The disk fills up: uploads stop with a sentence, nothing half-made is served, and room heals it.

Needs root, for a small file system in memory.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import note, report
from script.drills import films, watching
from script.drills.client import Refused, Sending
from script.drills.rig import Rig, running
from script.shell import must

SIZE = "1400m"  # the gateway keeps 1 GiB free of uploads
END_WITHIN = 300.0
NO_ROOM = 507


def main() -> int:
    if os.geteuid() != 0:
        note("disk", "skipped: only root may mount a small file system")
        return 0
    with tempfile.TemporaryDirectory() as home, _small_disk(Path(home)) as disk:
        film = films.draw(Path(home) / "film.mp4", seconds=10, size="1280x720")
        settings = {
            "BLOCKS_DIR": str(disk / "blocks"),
            "UPLOADS_DIR": str(disk / "uploads"),
            "WORK_DIR": str(disk / "work"),
        }
        with running(**settings) as rig:
            return _drill(rig, film, disk)


def _drill(rig: Rig, film: Path, disk: Path) -> int:
    ballast = disk / "ballast"
    first = rig.client.upload(film)
    rig.until(lambda: rig.ended(first), END_WITHIN, "the first film ends")
    cut = rig.client.announce("cut.mp4", film.stat().st_size)
    sending = rig.client.send(cut["endpoint"], film)
    tight = rig.client.upload(film)
    _fill(ballast, disk, leave=100_000)
    rig.until(lambda: rig.ended(tight), END_WITHIN, "the film without room ends")
    sentence = str(rig.client.film(tight)["failure"])
    note("the film without room", f"{rig.state(tight)}: {sentence}")
    fine = [
        report("full while encoding: ends in a sentence", float(bool(sentence)), 1),
        report("full: a new upload is refused", float(_is_refused(rig, film)), 1),
        report("full: the one under way is told", float(_is_told(rig, sending)), 1),
        report(
            "full: what was published plays", float(watching.is_whole(rig, first, like=film)), 1
        ),
    ]
    ballast.unlink()
    sending.finish()
    rig.client.ask("POST", f"/videos/{tight}/retry")
    keys = [first, tight, str(cut["key"])]
    rig.until(lambda: all(map(rig.ended, keys)), END_WITHIN, "with room, every film ends")
    whole = [key for key in keys if watching.is_whole(rig, key, like=film)]
    fine += [
        report("room again: films published and whole", len(whole), len(keys)),
        report("bytes acknowledged, then lost", sending.lost, 0, "lower"),
    ]
    return int(not all(fine))


def _is_refused(rig: Rig, film: Path) -> bool:
    """The gateway says no before it takes a byte."""
    announced = rig.client.announce("too much.mp4", film.stat().st_size)
    try:
        rig.client.send(announced["endpoint"], film)
    except Refused as refusal:
        note("a new upload", str(refusal))
        return str(refusal).startswith(str(NO_ROOM))
    return False


def _is_told(rig: Rig, sending: Sending) -> bool:
    """Bytes sent when there is no room are answered so, and the upload stays."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    status, text, _headers = rig.client.request(
        rig.client.gateway, "PATCH", sending.place, sending.file.read_bytes(), headers
    )
    note("the one under way", f"{status}: {text.decode(errors='replace')[:200].strip()}")
    sending.ask_where()
    return status == NO_ROOM


def _fill(ballast: Path, disk: Path, *, leave: int) -> int:
    """Take all room but so many bytes; returns what is left."""
    ballast.unlink(missing_ok=True)
    facts = os.statvfs(disk)
    free = facts.f_bavail * facts.f_frsize
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free - leave))
    facts = os.statvfs(disk)
    return facts.f_bavail * facts.f_frsize


@contextmanager
def _small_disk(home: Path) -> Iterator[Path]:
    disk = home / "disk"
    disk.mkdir()
    must(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", disk])
    try:
        yield disk
    finally:
        must(["umount", "--lazy", disk])


if __name__ == "__main__":
    sys.exit(main())
