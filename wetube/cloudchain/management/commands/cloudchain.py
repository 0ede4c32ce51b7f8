"""`manage.py cloudchain`: the embedded chain as one process, or a copy of it."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wetube.cloudchain import genesis, lock, serving
from wetube.cloudchain.artifacts import ArtifactMissing

PORT = 8545


class Command(BaseCommand):
    help = "Run the embedded Cloudcoin chain on this machine; Ctrl-C stops it."
    requires_system_checks = []  # it needs no database of the site's and serves no page

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=PORT, help="on 127.0.0.1; 0 takes any free")
        parser.add_argument(
            "--data", type=Path, default=settings.DATA_DIR, help="the data folder (WETUBE_DATA)"
        )
        parser.add_argument("--chain-id", type=int, help="of a new chain (else CLOUDCHAIN_ID)")
        parser.add_argument(
            "--for-tests", action="store_true", help="let anybody bend time and undo blocks"
        )
        parser.add_argument(
            "--backup", type=Path, metavar="FILE", help="write a whole copy to FILE and end"
        )

    def handle(self, *_args: object, **options: object) -> None:
        folder = Path(str(options["data"])).resolve() / "chain"
        try:
            if copy := options["backup"]:
                serving.back_up(folder, Path(str(copy)))
                return
            wishes = serving.Wishes(
                folder=folder,
                port=int(str(options["port"])),
                chain_id=_chain_id(options["chain_id"]),
                for_tests=bool(options["for_tests"]),
            )
            serving.serve(wishes, self.stdout.write)
        except (
            ArtifactMissing,
            genesis.OtherChain,
            lock.AlreadyHeld,
            serving.PortTaken,
            OSError,
        ) as refusal:
            raise CommandError(str(refusal)) from refusal


def _chain_id(asked: object) -> int | None:
    """The option, else the setting; None for whatever the folder's chain has."""
    return asked if isinstance(asked, int) else settings.CLOUDCHAIN_ID or None
