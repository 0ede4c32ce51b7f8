"""One order done in a process of its own, for a node: `python -m wetube.video.transcoding.job`.

    job --skill                          what this machine can do, and ends
    job --nice 10 ORDER SOURCE FOLDER    does the order in the file ORDER with the file SOURCE

Every line it prints is a JSON object: {"fraction": 0.5} while it works, and last {"done": {…}} or
{"failed": a sentence, "of": whose fault}. It ends when its input ends, so it never outlives who
started it. Order and source come from strangers: the one is read by `spec`, the other opened in
the sandbox alone.
"""

import argparse
import json
import os
import select
import sys
import time
from pathlib import Path
from typing import Any

from wetube.video.transcoding import encode, sniff, spec
from wetube.video.transcoding.errors import BadMedia, Cancelled, TranscodingError
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.runs import Progress
from wetube.video.transcoding.spec import BadSpec

MOST_ORDER = 64 << 10  # bytes
TELL_EVERY = 1.0  # seconds


class NotWhole(Exception):
    """The source gave less than was ordered; the encoder's own warning says what."""


def main(words: list[str]) -> int:
    """0 when it is done; whose fault it was stands in the last line."""
    parser = argparse.ArgumentParser(prog="wetube.video.transcoding.job")
    parser.add_argument("--skill", action="store_true")
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("paths", nargs="*", type=Path)
    said = parser.parse_args(words)
    if said.skill:
        return _say(skill=spec.skill())
    if len(said.paths) != 3:
        parser.error("An order, a source and a folder are due.")
    os.nice(said.nice)
    order, source, folder = said.paths
    try:
        return _say(done=_do(order, source, folder))
    except BadSpec as error:
        return _say(failed=str(error), of="order")
    except (BadMedia, NotWhole) as error:
        return _say(failed=str(error), of="source")
    except (Cancelled, TranscodingError, OSError) as error:
        return _say(failed=str(error), of="machine")


def _do(order: Path, source: Path, folder: Path) -> dict[str, Any]:
    plan = _plan(order, source)
    (piece,) = plan.pieces
    made = encode.encode(
        source, plan, piece, folder, on_progress=_teller(), cancelled=_is_nobody_there
    )
    if made.warnings:  # what is whole here and not there is for the gateway to see, not for us
        raise NotWhole(made.warnings[0])
    (folder / piece.folder / encode.DONE).unlink()
    return {"folder": piece.folder, "seconds": made.seconds}


def _plan(order: Path, source: Path) -> Plan:
    """Raises BadSpec, BadMedia."""
    with order.open("rb") as file:
        text = file.read(MOST_ORDER + 1)
    if len(text) > MOST_ORDER:
        raise BadSpec("The order is too long.")
    try:
        plan = spec.read(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise BadSpec("The order is not JSON.") from error
    if sniff.sniff(source) != plan.source.demuxer:
        raise BadSpec("The source is not what the order calls it.")
    return plan


def _teller() -> Any:
    told = 0.0

    def on_progress(now: Progress) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_EVERY:
            told = time.monotonic()
            _say(fraction=round(now.fraction, 4))

    return on_progress


def _is_nobody_there() -> bool:
    """Whether our input has ended: then whoever started us is gone, or wants us to stop."""
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return bool(ready) and not os.read(sys.stdin.fileno(), 1024)


def _say(**said: Any) -> int:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    return 1 if "failed" in said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
