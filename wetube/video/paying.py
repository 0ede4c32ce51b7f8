"""Paying for a film, and getting the coin back when it did not play."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from wetube.cloudcoin import charges, ledger, refunds, till
from wetube.cloudcoin.models import Charge, Refund, Tab
from wetube.content.models import Delivery
from wetube.nodes import refusing, served
from wetube.people.models import User
from wetube.tokens import spending
from wetube.tokens.models import Quote
from wetube.video import ordering
from wetube.video.models import Video

PLAYED_SECONDS = 10
DID_NOT_PLAY = gettext_noop("The video did not play.")


class NoRefund(Exception):
    """The sentence says why the coin stays where it is."""


class PriceChanged(Exception):
    """The viewer agreed to another price than the film has now."""


class Declined(PriceChanged):
    """This gateway declines the film, so it sells it at no price."""


def pay(video: Video, *, viewer: User, agreed: int) -> Charge:
    """Charge one viewing at the price the viewer saw; paid already is not paid twice.

    Raises PriceChanged, Declined, and what the till raises: InsufficientFunds, OverViewCap,
    OverDayCap.
    """
    if refusing.of(video.cid):
        raise Declined(_("This gateway does not show this video."))
    if agreed != video.price:
        raise PriceChanged(_("The price has changed. Please look at it again."))
    reference = _reference(video, viewer)  # before looking: who pays meanwhile takes this one
    paid = charges.paid(user=viewer, subject=video.holder)
    if paid is not None:
        return paid
    return till.charge(
        payer=viewer,
        payee=video.channel.owner,
        amount=video.price,
        reference=reference,
        subject=video.holder,
        label=video.title,
    )


@transaction.atomic
def refund_unplayed(charge: Charge, video: Video) -> Quote | None:
    """Give the coin back at once if less than ten seconds of the film were delivered.

    What was paid with blind tokens comes back as a quote for such tokens, already paid.
    Raises NoRefund, also where nodes were paid for what they did deliver: new coin follows
    that, and would be had for nothing.
    """
    ledger.open_book()
    if served.is_paid(charge) and not Refund.objects.filter(charge=charge).exists():
        raise NoRefund(_("The video was delivered. Ask its channel for a refund."))
    delivered = Delivery.objects.filter(key=charge.key).values_list("size", flat=True).first() or 0
    if delivered + ordering.received(charge) > _ten_seconds(video):
        raise NoRefund(_("The video was delivered. Ask its channel for a refund."))
    if charge.tab.kind == Tab.Kind.TOKENS:
        return spending.refund(charge, reason=DID_NOT_PLAY)
    refunds.refund(charge, reason=DID_NOT_PLAY)
    return None


def _reference(video: Video, viewer: User) -> str:
    """The n-th time this viewer pays for this film: two tabs at once mean the same time."""
    times = Charge.objects.filter(tab__account__owner=viewer, subject=video.holder).count()
    return f"view:{video.key}:{viewer.key}:{times}"


def _ten_seconds(video: Video) -> int:
    """Bytes of ten seconds at the smallest rendition, playlists and all."""
    rates = [rendition.bandwidth for rendition in video.renditions.all() if rendition.bandwidth]
    return PLAYED_SECONDS * min(rates, default=400_000) // 8 + 100_000
