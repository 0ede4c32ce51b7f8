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
from script.drills.client import Refused
from script.drills.rig import Rig, running
from script.shell import must

SIZE = "96m"
END_WITHIN = 300.0


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
    first = rig.client.upload(film)
    rig.until(lambda: rig.ended(first), END_WITHIN, "the first film ends")
    ballast = disk / "ballast"
    note("room left before", f"{_fill(ballast, disk, leave=film.stat().st_size * 2)} bytes")
    tight = rig.client.upload(film)
    rig.until(lambda: rig.ended(tight), END_WITHIN, "the film without room ends")
    note("the film without room", f"{rig.state(tight)}: {rig.client.film(tight)['failure']}")
    _fill(ballast, disk, leave=film.stat().st_size // 2)
    refused = _is_refused(rig, film)
    served = watching.is_whole(rig, first, like=film)
    ballast.unlink()
    healed = rig.client.upload(film)
    rig.until(lambda: rig.ended(healed), END_WITHIN, "the film after room was made ends")
    sentence = rig.state(tight) == "published" or bool(rig.client.film(tight)["failure"])
    fine = [
        report("full while encoding: ends with a sentence", float(sentence), 1),
        report("full while uploading: refused", float(refused), 1),
        report("what was published still plays", float(served), 1),
        report("works again with room", float(watching.is_whole(rig, healed, like=film)), 1),
        report(
            "the published film is still whole", float(watching.is_whole(rig, first, like=film)), 1
        ),
    ]
    return int(not all(fine))


def _is_refused(rig: Rig, film: Path) -> bool:
    """The gateway says no, and the film it would have been never starts."""
    announced = rig.client.announce("too much.mp4", film.stat().st_size)
    try:
        sending = rig.client.send(announced["endpoint"], film)
    except Refused as refusal:
        note("refused at once", str(refusal))
        return True
    piece = film.read_bytes()
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }
    status, text, _headers = rig.client.request(
        rig.client.gateway, "PATCH", sending.place, piece, headers
    )
    note("while the bytes came", f"{status}: {text.decode(errors='replace')[:200]}")
    return status in {413, 507} and rig.state(str(announced["key"])) == "uploading"


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
