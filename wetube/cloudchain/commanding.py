"""The words the chain is started with, for `manage.py cloudchain` and for the module alone."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wetube.cloudchain import genesis, lock, serving
from wetube.cloudchain.artifacts import ArtifactMissing

PORT = 8545
REFUSALS = (
    ArtifactMissing,
    genesis.OtherChain,
    lock.AlreadyHeld,
    serving.PortTaken,
    OSError,
)
"""What may keep it from running; each has a sentence for the operator."""


def add_arguments(parser: ArgumentParser, *, data: Path | None = None) -> None:
    """`data` is the data folder where none is named; without it one must be."""
    parser.add_argument("--port", type=int, default=PORT, help="on 127.0.0.1; 0 takes any free")
    parser.add_argument(
        "--data", type=Path, default=data, required=data is None, help="the data folder"
    )
    parser.add_argument("--chain-id", type=int, help="of a new chain (else CLOUDCHAIN_ID)")
    parser.add_argument(
        "--for-tests", action="store_true", help="let anybody bend time and undo blocks"
    )
    parser.add_argument(
        "--backup", type=Path, metavar="FILE", help="write a whole copy to FILE and end"
    )


def run(options: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Serve until told to stop, or make the copy that is asked for. Raises REFUSALS."""
    folder = options["data"].resolve() / "chain"
    if options["backup"]:
        serving.back_up(folder, options["backup"])
        return
    wishes = serving.Wishes(
        folder=folder,
        port=options["port"],
        chain_id=options["chain_id"],
        for_tests=options["for_tests"],
    )
    serving.serve(wishes, say)
