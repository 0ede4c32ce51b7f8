"""`manage.py cloudcoin init | status | keys`: the coin's set-up on a chain."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from wetube.chain import (
    adopting,
    deployment,
    founding,
    gas,
    keys,
    opening,
    outbox,
    planning,
    rpc,
    status,
)
from wetube.chain.addresses import BadAddress

REFUSALS = (
    adopting.NotOurs,
    BadAddress,
    deployment.WrongChain,
    founding.CannotFound,
    founding.NoChain,
    gas.NeedsGasMoney,
    keys.MissingKey,
    keys.WrongPassword,
    opening.OpeningFailed,
    outbox.StillPending,
    planning.BadWishes,
    rpc.ChainAway,
    rpc.RpcRefused,
)


class Command(BaseCommand):
    help = "Put the coin on a chain, see how it is, or look after the gateway's keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        init = what.add_parser("init", help="make or adopt the contracts; may be run again")
        init.add_argument("--token", default="", help="a Cloudcoin to adopt, with its mint")
        init.add_argument("--mint", default="", help="its CloudMint")
        init.add_argument("--vault", default="", help="a GatewayVault whose poster is our key")
        init.add_argument(
            "--opening-epochs",
            type=int,
            help="epochs already over when a new mint begins, minted into the vault at once "
            f"(the embedded chain: {founding.OPENING_EPOCHS}, others: 0)",
        )
        init.add_argument("--first-block", type=int, help="the block that made an adopted vault")
        what.add_parser("status", help="chain, contracts, balances, outbox")
        key = what.add_parser("keys", help="list keys; make those that are missing; export one")
        key.add_argument("action", nargs="?", default="list", choices=["list", "create", "export"])
        key.add_argument("role", nargs="?", choices=keys.ROLES)

    def handle(self, *_args: object, **options: object) -> None:
        try:
            {"init": self._init, "status": self._status, "keys": self._keys}[str(options["what"])](
                options
            )
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from refusal

    def _init(self, options: dict[str, object]) -> None:
        asked = options["opening_epochs"]
        first = options["first_block"]
        wishes = planning.Wishes(
            token=str(options["token"]),
            mint=str(options["mint"]),
            vault=str(options["vault"]),
            opening_epochs=asked if isinstance(asked, int) else founding.usual_opening(),
            first_block=first if isinstance(first, int) else None,
        )
        where = founding.found(wishes, self.stdout.write)
        self.stdout.write(f"Ready: {where}, paid out by the vault {where.vault}.")

    def _status(self, options: dict[str, object]) -> None:
        for label, what in status.lines():
            self.stdout.write(f"{label:<18}{what}")

    def _keys(self, options: dict[str, object]) -> None:
        if options["action"] == "export":
            if not options["role"]:
                raise CommandError("Name the role whose key is to be exported.")
            self.stdout.write(keys.export(str(options["role"])))
            return
        for role in keys.ROLES:
            if options["action"] == "create":
                keys.create(role)
            self.stdout.write(f"{role:<12}{keys.address(role) if keys.exists(role) else '-'}")
        self.stdout.write(keys.protection())
