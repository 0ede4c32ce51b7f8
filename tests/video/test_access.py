"""What stands between a viewer and a film, and what the player is given behind it."""

import time

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from node_bridge import Grant
from tests import make
from wetube.cloudcoin import charges, income, ledger, refunds, refusals
from wetube.cloudcoin.models import Account, Charge
from wetube.content import grants
from wetube.content.models import Delivery, Pin
from wetube.people.models import Channel, User
from wetube.video import access, editing, paying, watching
from wetube.video.access import Gate
from wetube.video.models import Video

NOBODY = AnonymousUser()
COIN = 10**8


def opened(prefix: str) -> Grant:
    """The grant in an address of the gateway."""
    token = prefix.removeprefix(f"{settings.GATEWAY_URL}/g/").split("/")[0]
    return grants.keyring().open(token, now=time.time())


@pytest.mark.parametrize(
    ("visibility", "stranger", "signed_in", "owner"),
    [
        ("public", True, True, True),
        ("unlisted", True, True, True),
        ("password", True, True, True),
        ("internal", False, True, True),
        ("private", False, False, True),
    ],
)
def test_who_may_know_of_a_film(
    channel: Channel, bob: User, visibility: str, stranger: bool, signed_in: bool, owner: bool
) -> None:
    make.published(channel, visibility=visibility)

    for user, may in ((NOBODY, stranger), (bob, signed_in), (channel.owner, owner)):
        assert Video.objects.reachable_by(user).exists() is may


def test_only_public_free_films_are_open_at_the_gateway(channel: Channel) -> None:
    for changes in ({"visibility": "unlisted"}, {"visibility": "private"}, {"price": 5}):
        video = make.published(channel)
        assert Pin.objects.get(holder=video.holder).is_open

        editing.edit(video, changes)

        assert not Pin.objects.get(holder=video.holder).is_open


def test_an_open_films_address_needs_no_grant(channel: Channel) -> None:
    video = make.published(channel)

    source = watching.source(video)

    assert source is not None
    assert source.prefix == f"{settings.GATEWAY_URL}/ipfs/{video.cid}"
    assert source.expires == 0


def test_an_unlisted_films_address_carries_a_short_grant_for_it_alone(channel: Channel) -> None:
    video = make.published(channel, visibility="unlisted")

    source = watching.source(video)

    assert source is not None
    grant = opened(source.prefix)
    assert (grant.verb, grant.subject) == ("read", video.cid)
    assert grant.expires - time.time() <= settings.READ_GRANT_SECONDS


def test_the_poster_of_a_film_for_sale_opens_the_poster_alone(channel: Channel) -> None:
    video = make.published(channel, price=COIN)

    assert video.poster_url == f"{settings.GATEWAY_URL}/ipfs/{video.poster_cid}/poster.jpg"
    assert Pin.objects.get(holder=video.poster_holder).is_open
    assert video.poster_cid != video.cid


def test_the_poster_of_a_private_film_carries_a_grant_for_the_poster(channel: Channel) -> None:
    video = make.published(channel, visibility="private")

    assert opened(video.poster_url).subject == video.poster_cid


def test_a_password_stands_before_the_price(channel: Channel, bob: User) -> None:
    video = make.published(channel, visibility="password", price=COIN)

    assert access.gate(video, bob, []) is Gate.PASSWORD
    assert access.gate(video, bob, [video.key]) is Gate.PRICE
    assert access.gate(video, channel.owner, []) is Gate.OPEN


def test_a_film_without_a_password_cannot_be_behind_one(channel: Channel) -> None:
    video = make.published(channel)

    with pytest.raises(editing.EditRefused):
        editing.edit(video, {"visibility": "password"})

    video.refresh_from_db()
    assert video.visibility == "public"
    assert Pin.objects.get(holder=video.holder).is_open

    editing.edit(video, {"visibility": "password"}, password="open sesame")
    assert video.opens_with("open sesame")
    assert not video.opens_with("")


def test_paying_opens_the_door_and_the_creator_sees_it_at_once(channel: Channel, bob: User) -> None:
    video = make.published(channel, price=COIN)
    before = ledger.account_of(bob).available

    charge = paying.pay(video, viewer=bob, agreed=COIN)

    assert access.gate(video, bob, []) is Gate.OPEN
    assert ledger.account_of(bob).available == before - COIN
    assert income.of(channel.owner).today == 70 * COIN // 100
    source = watching.source(video, charge=charge)
    assert source is not None
    assert opened(source.prefix).key == charge.key


def test_paying_twice_is_paying_once(channel: Channel, bob: User) -> None:
    video = make.published(channel, price=COIN)

    assert paying.pay(video, viewer=bob, agreed=COIN) == paying.pay(video, viewer=bob, agreed=COIN)
    assert Charge.objects.count() == 1


def test_two_clicks_that_overlap_pay_once(
    channel: Channel, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = make.published(channel, price=COIN)
    look = charges.paid
    first: list[Charge] = []

    def other_click_pays_meanwhile(*, user: User, subject: str) -> Charge | None:
        seen = look(user=user, subject=subject)
        monkeypatch.setattr(charges, "paid", look)
        first.append(paying.pay(video, viewer=user, agreed=COIN))
        return seen

    monkeypatch.setattr(charges, "paid", other_click_pays_meanwhile)
    second = paying.pay(video, viewer=bob, agreed=COIN)

    assert [second] == first == list(Charge.objects.all())


def test_another_price_than_the_one_seen_is_refused(channel: Channel, bob: User) -> None:
    video = make.published(channel, price=COIN)
    before = ledger.account_of(bob).available

    with pytest.raises(paying.PriceChanged):
        paying.pay(video, viewer=bob, agreed=COIN - 1)

    assert ledger.account_of(bob).available == before
    assert access.gate(video, bob, []) is Gate.PRICE


def test_too_little_coin_is_refused_and_nothing_moves(channel: Channel, bob: User) -> None:
    before = ledger.account_of(bob).available
    video = make.published(channel, price=before + 1)
    tab = Account.objects.get(owner=bob).tab
    type(tab).objects.filter(pk=tab.pk).update(per_view_cap=10**12, per_day_cap=10**12)

    with pytest.raises(refusals.InsufficientFunds):
        paying.pay(video, viewer=bob, agreed=video.price)

    assert ledger.account_of(bob).available == before
    assert not Charge.objects.exists()


def test_a_viewing_that_never_played_is_refunded_by_itself(channel: Channel, bob: User) -> None:
    video = make.published(channel, price=COIN)
    before = ledger.account_of(bob).available
    charge = paying.pay(video, viewer=bob, agreed=COIN)

    paying.refund_unplayed(charge, video)

    assert ledger.account_of(bob).available == before
    assert charges.paid(user=bob, subject=video.holder) is None
    again = paying.pay(video, viewer=bob, agreed=COIN)
    assert again.pk != charge.pk


def test_a_viewing_that_played_is_not(channel: Channel, bob: User) -> None:
    video = make.published(channel, price=COIN)
    charge = paying.pay(video, viewer=bob, agreed=COIN)
    after = ledger.account_of(bob).available
    Delivery.objects.create(key=charge.key, size=50_000_000)

    with pytest.raises(paying.NoRefund):
        paying.refund_unplayed(charge, video)

    assert ledger.account_of(bob).available == after


def test_a_creators_refund_is_a_refund(channel: Channel, bob: User) -> None:
    video = make.published(channel, price=COIN)
    charge = paying.pay(video, viewer=bob, agreed=COIN)

    refunds.refund(charge, reason="sorry")

    assert access.gate(video, bob, []) is Gate.PRICE


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("0:00 Calm\n1:30 The storm\n1:02:03 After", [0, 90, 3723]),
        ("(0:00) - Calm\n- 0:40 Wind", [0, 40]),
        ("1:30 no beginning\n2:00 b", []),
        ("0:00 alone", []),
        ("0:00 a\n0:50 b\n0:20 backwards", []),
    ],
)
def test_times_in_a_description_are_chapters(text: str, starts: list[int]) -> None:
    assert [chapter.start for chapter in watching.chapters(text)] == starts
