"""A month's end: each pot is spread over the channels its owner watched, to the drop."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import DatabaseError, transaction

from wetube.cloudcoin import batch, ledger, portions
from wetube.cloudcoin.batch import Order
from wetube.cloudcoin.models import Account, Charge, Tab
from wetube.cloudcoin.refusals import ChargeRefused
from wetube.core.states import StatefulQuerySet
from wetube.giving import pots, tips
from wetube.giving.models import Attention, Pot, PotMonth
from wetube.giving.refusals import NotOver
from wetube.people.models import Channel, User

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Portion:
    """What one channel gets, and for how many seconds watched."""

    channel: Channel
    seconds: int
    amount: int


@dataclass(frozen=True)
class Plan:
    """How a pot is spread: `pool` is the amount, or the balance where that is less."""

    pool: int
    amount: int
    portions: tuple[Portion, ...]

    @property
    def seconds(self) -> int:
        return sum(portion.seconds for portion in self.portions)

    @property
    def spent(self) -> int:
        """Drops that go out: the pool, or nothing where nobody was watched."""
        return sum(portion.amount for portion in self.portions)

    @property
    def is_short(self) -> bool:
        return self.pool < self.amount


def spread_due() -> int:
    """Spread every month that is over; how many were spread. Safe twice, and twice at once."""
    done = len(spread_all(due()))
    if done:
        logger.info("Spread %d pots", done)
    return done


def spread_all(months: StatefulQuerySet[PotMonth]) -> list[PotMonth]:
    """Spread these; a pot that cannot be spread now holds up no other. Those that were spread."""
    done = []
    for month in list(months):
        try:
            done.append(spread(month))
        except (ChargeRefused, DatabaseError):
            logger.exception("Pot month %d could not be spread", month.pk)
    return [month for month in done if month]


def due() -> StatefulQuerySet[PotMonth]:
    """Months that are over and open still, the oldest first."""
    over = PotMonth.objects.filter(state=PotMonth.State.OPEN, month__lt=pots.first_day())
    return over.select_related("pot__owner").order_by("month", "pk")


def spread(month: PotMonth) -> PotMonth | None:
    """Charge the month's portions, one per channel, in one commit; None if that was done before.

    Where the balance is short, what is there is spread in proportion. Raises NotOver.
    """
    if month.month >= pots.first_day():
        raise NotOver(month.name)
    giver = month.pot.owner
    _open_accounts(month, giver)
    with transaction.atomic():
        Pot.objects.select_for_update().get(pk=month.pot_id)
        month = PotMonth.objects.select_related("pot").get(pk=month.pk)
        if month.state != PotMonth.State.OPEN:
            return None
        Tab.objects.locked().get(account__owner=giver, account__kind=Account.Kind.PERSON)
        account = Account.objects.locked().get(owner=giver, kind=Account.Kind.PERSON)
        plan = _plan(_watched(month), amount=month.amount, available=account.available)
        _charge(month, giver, plan)
        month.move_to(
            PotMonth.State.SPREAD,
            spent=plan.spent,
            seconds=plan.seconds,
            channels=sum(portion.amount > 0 for portion in plan.portions),
        )
        Attention.objects.filter(month=month).delete()
    return month


def preview(pot: Pot) -> Plan:
    """How the running month would be spread if it ended now; three queries."""
    month = PotMonth.objects.filter(pot=pot, month=pots.first_day()).first()
    rows = _watched(month) if month else ()
    amount = month.amount if month else pot.amount
    return _plan(rows, amount=amount, available=ledger.account_of(pot.owner).available)


def _plan(watched: Iterable[Attention], *, amount: int, available: int) -> Plan:
    pool = max(0, min(amount, available))
    rows = list(watched)
    drops = portions.divide(pool, {row.channel.key: row.seconds for row in rows})
    shares = (
        Portion(row.channel, row.seconds, drops.get(row.channel.key, 0))
        for row in sorted(rows, key=lambda row: (-row.seconds, row.channel.key))
    )
    return Plan(pool, amount, tuple(shares))


def _watched(month: PotMonth) -> Iterable[Attention]:
    """What counts: not one's own channels, which may have been bought since, nor those left out."""
    left_out = month.pot.exclusions.values("channel")
    rows = Attention.objects.filter(month=month, seconds__gt=0).exclude(channel__in=left_out)
    return rows.exclude(channel__owner=month.pot.owner_id).select_related("channel__owner")


def _open_accounts(month: PotMonth, giver: User) -> None:
    """Opening an account needs the book, which is locked before any tab: so it is done first."""
    for person in {giver, *(row.channel.owner for row in _watched(month))}:
        ledger.account_of(person)


def _charge(month: PotMonth, giver: User, plan: Plan) -> None:
    """All portions in the caller's transaction; what is refused raises and undoes it all."""
    orders = [
        Order(
            payer=giver,
            payee=portion.channel.owner,
            amount=portion.amount,
            reference=f"pot:{month.pot.key}:{month.name}:{portion.channel.key}",
            subject=tips.subject_of(portion.channel),
            label=portion.channel.name,
            kind=Charge.Kind.POT,
            capped=False,
        )
        for portion in plan.portions
        if portion.amount
    ]
    if orders:
        batch.commit(orders)
    for order in orders:
        if isinstance(order.outcome, Exception):
            raise order.outcome
