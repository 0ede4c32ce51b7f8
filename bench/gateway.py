"""Segments of 4 MiB to 50 clients: our gateway beside Kubo's and beside nginx with sendfile.

All three serve the same bytes to the same client program, in turns: ours from
the embedded store, Kubo from its own repository and offline, nginx from a file.
Figures are medians, ratios those of one round. Then ours over that Kubo.
"""

import argparse
import sys
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from random import Random
from statistics import median
from urllib.parse import urlsplit

from bench.deliver import SEGMENT, measured, nginx
from bench.report import note, report
from node_bridge import EmbeddedEngine
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import Rpc
from script import kubos
from tests.gateway.serving import granian

APP = "tests.gateway.serving_app:application"

Place = tuple[int, str]  # a port of loopback, and what to ask for


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch, ExitStack() as stack:
        folder = Path(scratch)
        folder.chmod(0o755)  # nginx's workers read as another user
        places = _serve(folder, stack)
        rounds = [
            {name: measured(*place, options.seconds) for name, place in places.items()}
            for _ in range(options.rounds + 1)
        ][1:]
    for name in places:
        note(f"gateway {name}", f"{median(each[name] for each in rounds):.0f} MB/s")
    note("gateway ours / nginx", f"{_ratio(rounds, 'ours', 'nginx'):.3f}")
    note("gateway ours over Kubo / Kubo", f"{_ratio(rounds, 'ours over Kubo', 'Kubo'):.3f}")
    fast = report("gateway ours / Kubo", _ratio(rounds, "ours", "Kubo"), 1.0)
    return 0 if fast else 1


def _serve(folder: Path, stack: ExitStack) -> dict[str, Place]:
    """Start them all; where each has the segment."""
    data = Random(1).randbytes(SEGMENT)
    (folder / "segment").write_bytes(data)
    cid = EmbeddedEngine(folder / "blocks", fsync=False).add([data]).cid
    (folder / "open").write_text(cid)
    daemon = stack.enter_context(kubos.kubo(folder / "kubo"))
    with closing(Rpc(daemon.rpc)) as rpc:
        assert KuboEngine(rpc).add([data], pin="bench").cid == cid
    own = {"GATEWAY_FOLDER": str(folder)}
    ours = stack.enter_context(granian(APP, own))
    over = stack.enter_context(granian(APP, own | {"GATEWAY_KUBO": daemon.rpc}))
    beside = stack.enter_context(nginx(folder))
    theirs = urlsplit(daemon.gateway).port
    assert theirs is not None
    path = f"/ipfs/{cid}"
    return {
        "ours": (ours.port, path),
        "Kubo": (theirs, path),
        "nginx": (beside.port, "/segment"),
        "ours over Kubo": (over.port, path),
    }


def _ratio(rounds: list[dict[str, float]], one: str, other: str) -> float:
    return median(each[one] / each[other] for each in rounds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write; the system's temporary folder if unsaid")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
