"""How soon an uploaded film plays: from its last byte to a playlist that can be played.

`first` is probe, plan and opening, until the preview lists a segment of picture and sound.
`full` is probe, plan, all rungs and packaging of the same file, without the opening.
"""

import sys
import tempfile
import time
from pathlib import Path

from bench.report import note, report
from bench.transcode import arguments, film
from wetube.video.transcoding import Cancelled, encode, opening, package, plan, probe
from wetube.video.transcoding.preview import Preview


def main() -> int:
    options = arguments(__doc__)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        source = film(options.source, options.seconds, scratch)
        first = _first(source, scratch / "first")
        full = _full(source, scratch / "full")
    note("first-frame full transcode", f"{full:.2f} s")
    good = [
        report("first-frame seconds", first, 5, better="lower"),
        report("first-frame / full", first / full, 0.15, better="lower"),
    ]
    return 0 if all(good) else 1


def _first(source: Path, work: Path) -> float:
    """Seconds until there is something to play; the opening is left off there."""
    work.mkdir()
    begun = time.perf_counter()
    found = probe.probe(source, work=work)
    note("first-frame probe", f"{time.perf_counter() - begun:.2f} s")
    made = plan.plan(found, may_copy=False)
    preview = Preview(made, work)

    def playable() -> bool:
        return bool(preview.poll()) and bool(preview.playlists())

    try:
        opening.opening(source, made, work, cancelled=playable)
    except Cancelled:
        return time.perf_counter() - begun
    assert playable(), "the opening ended without anything to play"
    return time.perf_counter() - begun


def _full(source: Path, work: Path) -> float:
    work.mkdir()
    begun = time.perf_counter()
    made = plan.plan(probe.probe(source, work=work), may_copy=False)
    for piece in made.pieces:
        encode.encode(source, made, piece, work)
    package.package(work, made)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
