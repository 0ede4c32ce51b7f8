"""`script/conformance`: the IPFS project's gateway-conformance, run against a gateway of ours.

`script/test network` asks the same of us with tests of our own; this is for whoever has
the program itself, on the PATH or named in GATEWAY_CONFORMANCE.
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from node_bridge import EmbeddedEngine
from script.shell import CommandFailed, must, run, say
from tests.gateway.serving import free_port, granian

APP = "tests.conformance.open_app:application"
SPECS = (
    "trustless-block-gateway",
    "trustless-car-gateway",
    "trustless-car-gateway-optional",
    "path-unixfs-gateway",
    "path-range-gateway",
    "path-raw-gateway",
)
MISSING = """\
gateway-conformance is not on the PATH, nor named in GATEWAY_CONFORMANCE. With Go 1.25 or newer:
  go install github.com/ipfs/gateway-conformance/cmd/gateway-conformance@v0.13.2
The same cases, as tests of our own: script/test network."""


def main(words: list[str]) -> int:
    options = _options(words)
    program = os.environ.get("GATEWAY_CONFORMANCE") or shutil.which("gateway-conformance")
    if program is None:
        say(MISSING)
        return 2
    with tempfile.TemporaryDirectory(prefix="wetube-conformance-") as scratch:
        try:
            return run_suite(program, Path(scratch), options.rest)
        except CommandFailed as failure:
            say(str(failure))
            return 1


def run_suite(program: str, folder: Path, words: list[str]) -> int:
    """The suite's own exit code; its fixtures come in by our importer. Raises CommandFailed."""
    must([program, "extract-fixtures", "--merged=true", f"--dir={folder}"])
    engine = EmbeddedEngine(folder / "blocks", fsync=False)
    with (folder / "fixtures.car").open("rb") as fixtures:
        engine.import_car(fixtures)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with granian(APP, {"GATEWAY_FOLDER": str(folder), "GATEWAY_URL": url}, port=port):
        asked = ["test", "--gateway-url", url, "--specs", ",".join(SPECS), *words]
        return run([program, *asked])


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/conformance", description=__doc__)
    parser.add_argument("rest", nargs="*", help="words for the suite, behind --, such as --json F")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
