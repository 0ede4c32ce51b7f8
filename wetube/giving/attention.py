"""How long a pot's owner watched whom: said by the player, never more than time that passed.

Only for people with a pot, only by channel, only until the month is spread. Each report is
checked against the server's clock: a person's reports together never say more seconds than
went by, and one viewing never more than its film is long.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.giving import pots
from wetube.giving.models import Attention, Pot, PotExclusion, PotMonth, PotViewing
from wetube.giving.refusals import NotNoted
from wetube.people.models import Channel, User

SALT = "wetube.attention"
LONGEST = timedelta(hours=24)  # that a page's slip is good for
MOST_AT_ONCE = 60  # seconds in one report
KEEP = timedelta(days=2)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Slip:
    """One viewing whose seconds may be reported: of which channel, from when, how many at most."""

    pot: str
    channel: str
    nonce: str
    seconds: int
    begun: datetime

    def sealed(self) -> str:
        begun = int(self.begun.timestamp() * 1000)
        packed = [self.pot, self.channel, self.nonce, self.seconds, begun]
        return signing.dumps(packed, salt=SALT)

    @classmethod
    def opened(cls, said: str) -> Self:
        """Raises NotNoted for what is not ours or too old."""
        try:
            pot, channel, nonce, seconds, begun = signing.loads(said, salt=SALT, max_age=LONGEST)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise NotNoted(_("This viewing is not known here.")) from error
        return cls(pot, channel, nonce, seconds, datetime.fromtimestamp(begun / 1000, UTC))


def slip(user: User | AnonymousUser, channel: Channel, *, seconds: float | None) -> str:
    """What the player needs to report a viewing of a film `seconds` long; "" if nobody asks.

    Nobody asks of people without a pot, nor of one's own films. Whoever calls leaves out films
    that were paid singly: they have had their coin.
    """
    if not user.is_authenticated or channel.owner_id == user.pk:
        return ""
    pot = pots.of(user)
    if pot is None or pot.state != Pot.State.ON:
        return ""
    most = int(seconds) + 1 if seconds else int(LONGEST.total_seconds())
    return Slip(pot.key, channel.key, secrets.token_hex(16), most, timezone.now()).sealed()


def note(user: User, said: str, seconds: int) -> int:
    """Count up to `seconds` watched since the last report; how many were believed.

    Raises NotNoted.
    """
    viewing = Slip.opened(said)
    if not 0 < seconds <= MOST_AT_ONCE:
        raise NotNoted(_("A report says between 1 and 60 seconds."))
    with transaction.atomic():
        pot = Pot.objects.select_for_update().filter(owner=user, key=viewing.pot).first()
        if pot is None or pot.state != Pot.State.ON:
            raise NotNoted(_("You have no pot switched on."))
        channel = _channel(pot, viewing.channel)
        now = timezone.now()
        passed = now - max(pot.noted_until, viewing.begun)
        believed = min(seconds, passed // SECOND, _left(pot, viewing))
        if passed >= SECOND:
            # What is not a whole second yet counts with the next report.
            Pot.objects.filter(pk=pot.pk).update(noted_until=now - passed % SECOND)
        return _count(pot, viewing, channel, believed) if believed > 0 else 0


def forget() -> None:
    """Viewings whose slips are no longer good need not be remembered."""
    PotViewing.objects.filter(day__lt=(timezone.now() - KEEP).date()).delete()


def _channel(pot: Pot, key: str) -> Channel:
    others = Channel.objects.exclude(owner=pot.owner_id)
    channel = others.filter(key=key).first()
    if channel is None or PotExclusion.objects.filter(pot=pot, channel=channel).exists():
        raise NotNoted(_("This channel gets nothing of your pot."))
    return channel


def _left(pot: Pot, viewing: Slip) -> int:
    """Seconds of this viewing that were not noted yet."""
    noted, _made = PotViewing.objects.get_or_create(
        nonce=viewing.nonce, defaults={"pot": pot, "day": viewing.begun.date()}
    )
    return viewing.seconds - noted.seconds


def _count(pot: Pot, viewing: Slip, channel: Channel, seconds: int) -> int:
    month = pots.month_now(pot)
    if month.state != PotMonth.State.OPEN:
        return 0
    row, _made = Attention.objects.get_or_create(month=month, channel=channel)
    Attention.objects.filter(pk=row.pk).update(seconds=F("seconds") + seconds)
    seen = PotViewing.objects.filter(nonce=viewing.nonce)
    seen.update(seconds=F("seconds") + seconds)
    return seconds
