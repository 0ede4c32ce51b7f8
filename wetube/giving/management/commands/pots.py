"""`manage.py pots due|spread`: monthly pots from the operator's side."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from wetube.cloudcoin.amounts import coins
from wetube.core.states import StatefulQuerySet
from wetube.giving import pots, spreading
from wetube.giving.models import PotMonth
from wetube.giving.refusals import NotOver


class Command(BaseCommand):
    help = "List the months of pots that are over and not spread yet, or spread them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["due", "spread"])
        parser.add_argument("--month", type=_month, help="only this one, such as 2026-10")

    def handle(self, *_args: object, what: str, month: date | None, **_options: object) -> None:
        if month and month >= pots.first_day():
            raise CommandError(str(NotOver(f"{month:%Y-%m}")))
        found = spreading.due()
        if month:
            found = found.filter(month=month)
        self._list(found) if what == "due" else self._spread(found)

    def _list(self, found: "StatefulQuerySet[PotMonth]") -> None:
        for row in found:
            self.stdout.write(f"{row.name}  pot {row.pot.key}  {coins(row.amount)}")
        self.stdout.write(f"{found.count()} to spread.")

    def _spread(self, found: "StatefulQuerySet[PotMonth]") -> None:
        """One line a pot; exit code 1 if some could not be spread."""
        waiting = found.count()
        done = spreading.spread_all(found)
        for row in done:
            given = f"{coins(row.spent)} to {row.channels} channels"
            self.stdout.write(f"{row.name}  pot {row.pot.key}  {given}")
        self.stdout.write(f"Spread {len(done)} of {waiting}.")
        if found.all().exists():
            raise CommandError("Some could not be spread; the log says why.")


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no month like 2026-10") from error
