"""Invariants of accounts and journals: I1, I2, I3 and I12."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce

from wetube.cloudcoin import hash_chain
from wetube.cloudcoin.findings import Broken, Since
from wetube.cloudcoin.models import Account, Charge, Entry, Journal

GUARDS = 15
TRIGGERS = {
    "sqlite": (
        "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'cloudcoin_%'"
    ),
    "postgresql": (
        "SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'cloudcoin_%' AND tgenabled = 'O'"
    ),
}


def journals_balance(since: Since) -> Iterator[Broken]:
    """I1: the entries of each journal sum to nothing."""
    fresh = Journal.objects.filter(pk__gt=since.journal)
    sums = fresh.annotate(sum=Coalesce(Sum("entries__amount"), 0))
    odd = sums.annotate(legs=Count("entries")).filter(~Q(sum=0) | Q(legs__lt=2))
    for journal in odd:
        yield Broken(
            "I1", f"journal {journal.reference}", f"its {journal.legs} entries sum to {journal.sum}"
        )


def balances_sum_to_nothing(since: Since) -> Iterator[Broken]:
    """I2: all balances together are nothing, and each is the sum of its entries."""
    total = Account.objects.aggregate(total=Coalesce(Sum("balance"), 0))["total"]
    if total:
        yield Broken("I2", "all accounts", f"the balances sum to {total}")
    fresh = Entry.objects.filter(journal__gt=since.journal)
    posted = {pk: int(sum_) for pk, sum_ in fresh.values_list("account").annotate(Sum("amount"))}
    for account in Account.objects.order_by("pk").iterator():
        said = since.balances.get(account.pk, 0) + posted.get(account.pk, 0)
        if said != account.balance:
            finding = f"holds {account.balance}, its entries say {said}"
            yield Broken("I2", str(account), finding)


def nobody_is_overdrawn(since: Since) -> Iterator[Broken]:
    """I3: nobody inside the books is below nothing; held is what was charged but not settled."""
    inside = Account.objects.exclude(kind__in=Account.OUTSIDE)
    for account in inside.filter(balance__lt=F("held")):
        yield Broken("I3", str(account), f"has {account.balance}, of which {account.held} is held")
    unsettled = Charge.objects.unsettled().order_by().values_list("tab__account")
    waiting = {pk: int(drops) for pk, drops in unsettled.annotate(Sum("amount"))}
    for account in Account.objects.filter(~Q(held=0) | Q(pk__in=waiting)).order_by("pk"):
        if account.held != waiting.get(account.pk, 0):
            charges = waiting.get(account.pk, 0)
            finding = f"holds back {account.held}, its unsettled charges say {charges}"
            yield Broken("I3", str(account), finding)


def journals_are_chained(since: Since) -> Iterator[Broken]:
    """I12: every journal's hash is its content's, and names the journal before it."""
    for row, finding in hash_chain.faults(since):
        yield Broken("I12", row, finding)


def database_guards_stand(since: Since) -> Iterator[Broken]:
    """I12: the triggers that keep the books as written are in place."""
    query = TRIGGERS.get(connection.vendor)
    if query is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchone()[0]
    if found != GUARDS:
        yield Broken(
            "I12", "the database", f"has {found} of {GUARDS} triggers that guard the books"
        )
