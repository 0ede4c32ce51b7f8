"""Checks that go on where the last good one ended, and begin at the first journal once a week."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from wetube.cloudcoin.findings import Broken, Since
from wetube.cloudcoin.models import Account, Book, Charge, Checkpoint, Journal, Rollup

WHOLE_EVERY = timedelta(days=7)
KEPT = 10


def since() -> Since:
    """Where the next check begins: at the first journal if the last whole check is a week old."""
    newest = Checkpoint.objects.order_by("-pk").first()
    whole = Checkpoint.objects.filter(whole=True, at__gt=timezone.now() - WHOLE_EVERY)
    if newest is None or not whole.exists():
        return Since()
    return Since(
        journal=newest.journal,
        charge=newest.charge,
        rollup=newest.rollup,
        journals=newest.journals,
        head=newest.head,
        balances={int(pk): drops for pk, drops in newest.balances.items()},
    )


def here() -> Since:
    """Where the books end at this moment; asked within the moment that is checked."""
    book = Book.objects.first() or Book()
    return Since(
        journal=_last(Journal.objects.aggregate(last=Max("pk"))),
        charge=_last(Charge.objects.exclude(rollup=None).aggregate(last=Max("pk"))),
        rollup=_last(Rollup.objects.aggregate(last=Max("pk"))),
        journals=book.journals,
        head=book.head,
        balances=dict(Account.objects.values_list("pk", "balance")),
    )


def keep(end: Since, *, began: Since, broken: list[Broken]) -> None:
    """After a check that found nothing, the next may begin at its end."""
    if broken:
        return
    Checkpoint.objects.create(**vars(end), whole=not began.journal)
    kept = Checkpoint.objects.order_by("-pk").values_list("pk", flat=True)[:KEPT]
    old = Checkpoint.objects.exclude(pk__in=list(kept))
    old.exclude(whole=True, at__gt=timezone.now() - 2 * WHOLE_EVERY).delete()


def _last(found: dict[str, int | None]) -> int:
    return found["last"] or 0
