"""What is paid for at the gateway's pay door: viewings of films, tips, coin for a balance."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from functools import partial

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.utils.translation import gettext as _

from wetube.cloudcoin import till
from wetube.cloudcoin.models import Account, Charge
from wetube.giving import tips
from wetube.nodes import refusing
from wetube.people.models import Channel
from wetube.video import tickets, watching
from wetube.video.models import Video
from wetube.wire.goods import Answer, Good, TopUp
from wetube.wire.refusals import NotNow

OPENED_FOR = timedelta(hours=1)
LEAST_TRANSFER = 10**6  # drops; below, the gas would be worth more
LONGEST = 20  # digits of an amount


class WeTubeGoods:
    """The counter's Goods."""

    async def find(self, path: str, query: Mapping[str, str]) -> Good | TopUp | None:
        return await database_sync_to_async(find)(path, query)


def find(path: str, query: Mapping[str, str]) -> Good | TopUp | None:
    """What lies at videos/<key>, tips/<handle>?amount=<drops> and
    deposits/<account's key>?amount=<drops>; raises NotNow."""
    shelf, _slash, name = path.partition("/")
    if shelf == "videos":
        return _viewing(name, query)
    if shelf == "tips":
        return _tip(name, query)
    if shelf == "deposits":
        return _deposit(name, query)
    return None


def address(video: Video, *, opened: bool = False) -> str:
    """Where a viewing of this film is sold; `opened` if the asker has given its password."""
    word = f"?opened={_opened().sign(video.key)}" if opened else ""
    return f"{settings.GATEWAY_URL}/pay/v1/videos/{video.key}{word}"


def _viewing(key: str, query: Mapping[str, str]) -> Good | None:
    """What strangers may know of; everybody pays here, signed in or not."""
    films = Video.objects.reachable_by(AnonymousUser()).select_related("channel__owner")
    video = films.filter(key=key).first()
    if video is None:
        return None
    if refusing.of(video.cid):
        raise NotNow(_("This gateway does not show this video."))
    is_locked = video.visibility == Video.Visibility.PASSWORD
    if is_locked and not _was_opened(video, query.get("opened", "")):
        raise NotNow(_("This video asks for a password. Open it on its page first."))
    if not video.price:
        raise NotNow(_("This video costs nothing. Watch it on its page."))
    source = watching.source(video)
    if source is None:
        raise NotNow(_("There is nothing to play yet."))
    return Good(
        subject=video.holder,
        label=video.title,
        price=video.price,
        payee=video.channel.owner,
        deliver=partial(_play, video, asdict(source)),
    )


def _was_opened(video: Video, word: str) -> bool:
    try:
        return _opened().unsign(word, max_age=OPENED_FOR) == video.key
    except signing.BadSignature:
        return False


def _opened() -> signing.TimestampSigner:
    """Signs that somebody has given a film's password: the pay door knows no sessions."""
    return signing.TimestampSigner(salt="wetube.opened")


def _play(video: Video, source: Answer, charge: Charge) -> Answer:
    """Where the player finds the film, and the ticket that renews it for as long as it is paid.

    `source` is what stays the same for everybody; the place is the charge's own.
    """
    prefix, expires = watching.place(video, charge)
    ticket = tickets.of(charge)
    renew = f"{source['renew']}?ticket={ticket}"  # its letters need no quoting in a query
    storyboard = source["storyboard"].replace(source["prefix"], prefix)
    own = {"prefix": prefix, "expires": expires, "storyboard": storyboard, "renew": renew}
    return {
        "video": video.key,
        "title": video.title,
        "source": {**source, **own},
        "ticket": ticket,
        "renew": f"{settings.SITE_URL}{renew}",
    }


def _tip(handle: str, query: Mapping[str, str]) -> Good | None:
    channel = Channel.objects.select_related("owner").filter(handle=handle.lower()).first()
    if channel is None:
        return None
    amount = _drops(query, most=tips.MOST)
    if not amount:
        raise NotNow(_("Say how many drops to give, as ?amount=100000000 for one coin."))
    return Good(
        subject=tips.subject_of(channel),
        label=channel.name,
        price=amount,
        payee=channel.owner,
        deliver=partial(_thank, channel),
        kind=Charge.Kind.TIP,
        by_voucher=False,
    )


def _deposit(key: str, query: Mapping[str, str]) -> TopUp | None:
    """Anybody may put coin into a person's balance; whose it is, is not told."""
    account = Account.objects.select_related("owner").filter(key=key, kind="person").first()
    if account is None or account.owner is None or not account.owner.is_active:
        return None
    amount = _drops(query, most=till.MAX_DROPS)
    if not amount:
        raise NotNow(_("Say how many drops to put in, as ?amount=100000000 for one coin."))
    return TopUp(label=_("Coin for a balance"), price=amount, person=account.owner)


def _drops(query: Mapping[str, str], *, most: int) -> int:
    """The amount asked for; 0 for none, or one that is out of bounds."""
    said = query.get("amount", "")
    amount = int(said) if said.isascii() and said.isdigit() and len(said) <= LONGEST else 0
    return amount if LEAST_TRANSFER <= amount <= most else 0


def _thank(channel: Channel, charge: Charge) -> Answer:
    return {"channel": channel.handle, "given": str(charge.amount)}
