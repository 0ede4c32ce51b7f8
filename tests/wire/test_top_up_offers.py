"""Whose balance can be topped up at the pay door, and with how much."""

import pytest

from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account
from wetube.people.models import User
from wetube.video.goods import find
from wetube.wire.goods import TopUp
from wetube.wire.refusals import NotNow

pytestmark = pytest.mark.django_db


def test_a_persons_account_can_be_topped_up(alice: User) -> None:
    key = ledger.account_of(alice).key

    offer = find(f"deposits/{key}", {"amount": "2500000"})

    assert isinstance(offer, TopUp)
    assert (offer.person, offer.price, offer.by_voucher) == (alice, 2_500_000, False)
    assert offer.label == "Coin for a balance"


AMOUNTS = ["", "0", "999999", "-5", "1e9", "1.5", "٣٤٥٦٧٨٩", "9" * 21, str(10_000 * 10**8 + 1)]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_out_of_bounds_is_said(alice: User, amount: str) -> None:
    key = ledger.account_of(alice).key
    with pytest.raises(NotNow, match="how many drops"):
        find(f"deposits/{key}", {"amount": amount})


def test_nobody_elses_account_can(alice: User) -> None:
    house = ledger.house(Account.Kind.GATEWAY)
    gone = ledger.account_of(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    for key in ("", "unknown", house.key, gone.key, f"{gone.key}/x"):
        assert find(f"deposits/{key}", {"amount": "100000000"}) is None
