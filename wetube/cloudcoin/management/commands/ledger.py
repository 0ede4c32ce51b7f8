"""`manage.py ledger check|rollup|accounts`: the books from the operator's side."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from wetube.cloudcoin import checkpoints, invariants, rollup
from wetube.cloudcoin.amounts import coins
from wetube.cloudcoin.findings import Since
from wetube.cloudcoin.models import Account, Book, Charge, Journal
from wetube.cloudcoin.snapshot import one_moment


class Command(BaseCommand):
    help = "Check the books, settle the charges that wait, or list the accounts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["check", "rollup", "accounts"])
        parser.add_argument("--all", action="store_true", help="check from the first journal on")

    def handle(self, *_args: object, **options: Any) -> None:
        if options["what"] == "check":
            self._check(Since() if options["all"] else checkpoints.since())
        else:
            {"rollup": self._roll_up, "accounts": self._accounts}[options["what"]]()

    def _check(self, since: Since) -> None:
        """Exit code 1 and one line per broken row, or one line that all is well."""
        with one_moment():
            broken, end = invariants.check(since), checkpoints.here()
        checkpoints.keep(end, began=since, broken=broken)
        for finding in broken:
            self.stderr.write(str(finding))
        if broken:
            raise CommandError(f"The books are wrong in {len(broken)} places.")
        counts = f"{Journal.objects.count()} journals, {Charge.objects.count()} charges"
        waiting = Charge.objects.unsettled().count()
        head = (Book.objects.first() or Book()).head[:16]
        self.stdout.write(f"The books are right: {counts}, {waiting} to settle, chain at {head}.")

    def _roll_up(self) -> None:
        self.stdout.write(f"Settled {rollup.roll_up()} charges.")

    def _accounts(self) -> None:
        self.stdout.write(f"{'account':<12}{'kind':<10}{'owner':<24}{'balance':>26}{'held':>22}")
        for account in Account.objects.select_related("owner").order_by("pk").iterator():
            owner = account.owner.display_name if account.owner else "-"
            self.stdout.write(
                f"{account.key:<12}{account.kind:<10}{owner:<24}"
                f"{coins(account.balance):>26}{coins(account.held):>22}"
            )
