"""Standing orders: what a person earns goes out by itself, whenever it is enough."""

from django.conf import settings
from django.db import transaction

from wetube.cloudcoin import ledger
from wetube.people.models import User
from wetube.settlement import destinations, withdrawals
from wetube.settlement.destinations import NotAnAddress
from wetube.settlement.models import StandingOrder, Withdrawal
from wetube.settlement.withdrawals import BelowMinimum

__all__ = ["BelowMinimum", "NotAnAddress", "carry_out", "end", "of", "order"]


def order(user: User, *, address: str, threshold: int, push: bool = True) -> StandingOrder:
    """Have all that is free to spend sent to `address` whenever it is `threshold` drops or more.

    A person has one order; a second asking changes it. Raises NotAnAddress, BelowMinimum.
    """
    where = destinations.parse(address)
    if threshold < settings.WITHDRAWAL_MINIMUM_DROPS:
        raise BelowMinimum
    made, _ = StandingOrder.objects.update_or_create(
        account=ledger.account_of(user),
        defaults={"address": where, "threshold": threshold, "push": push},
    )
    return made


def end(user: User) -> None:
    """Send nothing by itself any more; ending twice is harmless."""
    StandingOrder.objects.filter(account__owner=user).delete()


def of(user: User) -> StandingOrder | None:
    """The person's order; None if there is none."""
    return StandingOrder.objects.filter(account__owner=user).first()


def carry_out(seq: int) -> list[Withdrawal]:
    """Ask out what every order over its threshold says, once per payout `seq`."""
    return [made for due in _over_their_threshold() if (made := _carry_out(due, seq))]


def _over_their_threshold() -> list[StandingOrder]:
    orders = StandingOrder.objects.select_related("account").order_by("pk")
    return [due for due in orders.iterator() if due.account.available >= due.threshold]


@transaction.atomic
def _carry_out(due: StandingOrder, seq: int) -> Withdrawal | None:
    """Under the book's lock nobody spends what is read here; what became too little waits."""
    ledger.open_book()
    due = StandingOrder.objects.select_related("account").get(pk=due.pk)
    reference = f"standing:{due.account.key}:{seq}"
    if due.account.available < due.threshold:
        return None
    if Withdrawal.objects.filter(reference=reference).exists():
        return None
    return withdrawals.ask_from(
        due.account,
        amount=due.account.available,
        address=due.address,
        push=due.push,
        reference=reference,
    )
