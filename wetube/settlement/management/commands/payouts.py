"""`manage.py payouts list|now|withdraw`: coin on its way out, from the operator's side."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wetube.cloudcoin import amounts, ledger
from wetube.cloudcoin.amounts import NotCoins, coins
from wetube.cloudcoin.models import Account
from wetube.cloudcoin.refusals import ChargeRefused
from wetube.settlement import posting, withdrawals
from wetube.settlement.destinations import NotAnAddress
from wetube.settlement.models import PayoutRoot, Withdrawal

PURSES = {"gateway": Account.Kind.GATEWAY, "nodes": Account.Kind.NODES}


class Command(BaseCommand):
    help = "List what waits to be paid out, pay out now, or take out the house's own income."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="what waits, and the last roots")
        verbs.add_parser("now", help="make the next root without waiting for its turn")
        take = verbs.add_parser("withdraw", help="ask coin of the house out to an address")
        take.add_argument("address")
        take.add_argument("amount", help="in CLD, as 12.5")
        take.add_argument("--of", choices=PURSES, default="gateway", help="whose coin")

    def handle(self, *_args: object, **options: Any) -> None:
        {"list": self._list, "now": self._now, "withdraw": self._withdraw}[options["verb"]](options)

    def _list(self, _options: dict[str, Any]) -> None:
        waiting = Withdrawal.objects.filter(state__in=("asked", "rooted")).order_by("asked_at")
        for row in waiting.iterator():
            self.stdout.write(f"{row.key} {row.state:<8}{coins(row.amount):>26} {row.address}")
        for root in PayoutRoot.objects.order_by("-seq")[:5]:
            posted = "posted" if root.posted_at else "on its way"
            self.stdout.write(f"root {root.seq}: {coins(root.total)} in all, {posted}")

    def _now(self, _options: dict[str, Any]) -> None:
        root = posting.pay_out_now()
        self.stdout.write(f"Root {root.seq} is on its way." if root else "Nobody waits.")

    def _withdraw(self, options: dict[str, Any]) -> None:
        try:
            made = withdrawals.ask_from(
                ledger.house(PURSES[options["of"]]),
                amount=amounts.parse(options["amount"]),
                address=options["address"],
                push=True,
            )
        except (ChargeRefused, NotAnAddress, NotCoins) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{coins(made.amount)} goes to {made.address} with the next payout.")
