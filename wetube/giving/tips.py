"""Tips: coin given to a channel from the balance, with a few words, and taken back in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from wetube.cloudcoin import ledger, limits, refunds, till
from wetube.cloudcoin.amounts import DROPS_PER_COIN
from wetube.cloudcoin.models import Charge, ChargeQuerySet, Refund, Tab
from wetube.cloudcoin.refusals import InsufficientFunds, OverDayCap
from wetube.giving import notes
from wetube.giving.models import Tip
from wetube.giving.occasions import Occasion
from wetube.giving.refusals import OwnChannel, SpentAlready, TooLateToUndo, TooMuch
from wetube.people.models import Channel, User

MOST = 1_000 * DROPS_PER_COIN
UNDO_WITHIN = timedelta(minutes=5)
UNDONE = gettext_noop("The giver took the tip back.")


@dataclass(frozen=True)
class Said:
    """What goes along: a note, the giver's name if they like, and what the tip was given on."""

    note: str = ""
    is_named: bool = False
    occasion: Occasion | None = None

    def columns(self) -> dict[str, str | bool]:
        """As a Tip keeps it."""
        on = self.occasion
        return {
            "note": notes.cleaned(self.note),
            "is_named": self.is_named,
            "occasion": on.subject if on else "",
            "title": on.title if on else "",
        }


NOTHING_SAID = Said()


def give(
    giver: User,
    channel: Channel,
    *,
    amount: int,
    reference: str,
    said: Said = NOTHING_SAID,
) -> Tip:
    """Give `amount` drops to the channel's owner, once per `reference` of this giver.

    The day's limit holds; the limit for one view does not, for a tip is no view.
    Raises OwnChannel, TooMuch, BadAmount, InsufficientFunds, OverDayCap, ReferenceReused: all
    of them ChargeRefused, and then nothing was moved or written.
    """
    if channel.owner_id == giver.pk:
        raise OwnChannel
    if amount > MOST:
        raise TooMuch(MOST)
    for person in (giver, channel.owner):
        ledger.account_of(person)  # opening one needs the book, which is locked before any tab
    with transaction.atomic():
        tab = Tab.objects.locked().get(account=ledger.account_of(giver))
        name = f"tip:{giver.key}:{reference}"
        if not Charge.objects.filter(reference=name).exists():
            _heed_the_day(tab, amount)
        charge = till.charge(
            payer=giver,
            payee=channel.owner,
            amount=amount,
            reference=name,
            subject=subject_of(channel),
            label=channel.name,
            kind=Charge.Kind.TIP,
            capped=False,
        )
        tip = {"giver": giver, "channel": channel, **said.columns()}
        return Tip.objects.get_or_create(charge=charge, defaults=tip)[0]


@transaction.atomic
def undo(tip: Tip) -> Refund:
    """Give the giver every drop back; a second asking returns the first refund.

    Unlike another refund the gateway never pays in the creator's place: a tip that comes back
    out of the gateway's pocket would be a way to empty it.
    Raises TooLateToUndo, SpentAlready; then nothing was moved.
    """
    made = Refund.objects.filter(charge=tip.charge_id).first()
    if made:
        return made
    if timezone.now() > undo_until(tip):
        raise TooLateToUndo
    try:
        made = refunds.refund(tip.charge, reason=UNDONE)
    except InsufficientFunds as error:
        raise SpentAlready from error
    if made.covered:
        raise SpentAlready
    return made


def undo_until(tip: Tip) -> datetime:
    return tip.charge.at + UNDO_WITHIN


def hide(tip: Tip) -> None:
    """Show the note no more, not even to the creator who hides it."""
    Tip.objects.filter(pk=tip.pk).update(is_hidden=True)


def show(tip: Tip) -> None:
    """Undo `hide`."""
    Tip.objects.filter(pk=tip.pk).update(is_hidden=False)


def received(user: User) -> ChargeQuerySet:
    """Tips to this person that stand, the newest first; those by wallet have no Tip."""
    mine = Charge.objects.standing().filter(payee__owner=user, kind=Charge.Kind.TIP)
    return mine.select_related("tab", "tip__giver").order_by("-at", "-pk")


def subject_of(channel: Channel) -> str:
    """The name of a channel in the books."""
    return f"channel:{channel.key}"


def _heed_the_day(tab: Tab, amount: int) -> None:
    """What the balance does not hold is the till's to refuse."""
    spent = tab.charged_on(limits.today())
    if amount <= tab.account.available and spent + amount > tab.per_day_cap:
        raise OverDayCap(amount=amount, cap=tab.per_day_cap, charged_today=spent)
