"""The monthly pot from its owner's side: how much, from when, and who gets nothing of it."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from wetube.cloudcoin import limits, till
from wetube.cloudcoin.refusals import BadAmount
from wetube.core.states import StatefulQuerySet
from wetube.giving.models import Pot, PotExclusion, PotMonth, PotViewing
from wetube.giving.refusals import TooMuch
from wetube.people.models import Channel, User

MOST = till.MAX_DROPS


def of(user: User) -> Pot | None:
    """The person's pot; None if they never had one."""
    return Pot.objects.filter(owner=user).first()


@transaction.atomic
def fill(user: User, *, amount: int) -> Pot:
    """Give `amount` drops a month from the running month on; a stopped pot begins anew.

    A paused pot stays paused. Months that are over keep the amount they had.
    Raises BadAmount, TooMuch.
    """
    if amount <= 0:
        raise BadAmount(amount)
    if amount > MOST:
        raise TooMuch(MOST)
    pot, _made = Pot.objects.select_for_update().get_or_create(
        owner=user, defaults={"amount": amount}
    )
    pot.amount = amount
    if pot.state == Pot.State.STOPPED:
        pot.state, pot.since, pot.noted_until = Pot.State.ON, timezone.now(), timezone.now()
    pot.save()
    if pot.state == Pot.State.ON:
        month = month_now(pot)
        _running(pot).filter(pk=month.pk).update(amount=amount)
    return pot


@transaction.atomic
def pause(pot: Pot) -> None:
    """Note nothing from now on, and give nothing for months that end before `resume`."""
    Pot.objects.filter(pk=pot.pk, state=Pot.State.ON).update(state=Pot.State.PAUSED)
    _running(pot).filter(state=PotMonth.State.OPEN).update(state=PotMonth.State.PAUSED)
    pot.refresh_from_db()


@transaction.atomic
def resume(pot: Pot) -> None:
    """Note and give again; what was watched meanwhile does not count."""
    Pot.objects.filter(pk=pot.pk, state=Pot.State.PAUSED).update(
        state=Pot.State.ON, noted_until=timezone.now()
    )
    pot.refresh_from_db()
    paused = _running(pot).filter(state=PotMonth.State.PAUSED)
    paused.update(state=PotMonth.State.OPEN, amount=pot.amount)


@transaction.atomic
def stop(pot: Pot) -> None:
    """Give nothing for the running month or any later one, and forget what was watched in it."""
    Pot.objects.filter(pk=pot.pk).update(state=Pot.State.STOPPED, noted_until=F("since"))
    _running(pot).exclude(state=PotMonth.State.SPREAD).delete()
    PotViewing.objects.filter(pot=pot).delete()
    pot.refresh_from_db()


def exclude(pot: Pot, channel: Channel) -> None:
    """Give this channel nothing; twice changes nothing."""
    PotExclusion.objects.get_or_create(pot=pot, channel=channel)


def include(pot: Pot, channel: Channel) -> None:
    """Undo `exclude`."""
    PotExclusion.objects.filter(pot=pot, channel=channel).delete()


def month_now(pot: Pot) -> PotMonth:
    """The running month's row, begun with what the pot gives now."""
    month = first_day()
    return PotMonth.objects.get_or_create(pot=pot, month=month, defaults={"amount": pot.amount})[0]


def first_day(now: datetime | None = None) -> date:
    """The day this month began, in UTC."""
    return limits.today(now).replace(day=1)


def _running(pot: Pot) -> "StatefulQuerySet[PotMonth]":
    return PotMonth.objects.filter(pot=pot, month=first_day())
