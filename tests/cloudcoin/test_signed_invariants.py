"""A signed tab that owes more than is signed, locked or charged is found, and named."""

import pytest

from tests.cloudcoin.test_escrows import CHANNEL, CONFIG, SEEN, spend
from tests.cloudcoin.test_invariants import broken, forge
from wetube.cloudcoin import escrows
from wetube.cloudcoin.models import Escrow
from wetube.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def escrow(alice: User) -> Escrow:
    """900 drops locked, 600 of them spent and 400 claimed."""
    made = escrows.opened(CHANNEL, CONFIG)
    escrows.deposit_final(made, amount=900, reference=SEEN)
    spend(made, alice, 600)
    escrows.claimed(made, total=400)
    return Escrow.objects.get(pk=made.pk)


@pytest.mark.parametrize(
    ("column", "value", "invariant"),
    [
        ("signed", 599, "I4"),  # owes more than the voucher says
        ("deposited", 599, "I4"),  # the voucher says more than is locked
        ("signed = 700, claimed", 601, "I6"),  # more was claimed than charged
    ],
)
def test_a_forged_escrow_is_found(escrow: Escrow, column: str, value: int, invariant: str) -> None:
    assert broken() == set()

    forge(f"UPDATE cloudcoin_escrow SET {column} = {value} WHERE id = {escrow.pk}")

    assert broken() == {(invariant, str(escrow))}


def test_who_took_back_the_rest_owes_nothing(escrow: Escrow) -> None:
    escrows.claimed(escrow, total=600)
    escrows.withdrawn(escrow, amount=300, reference="withdrawn:0x02:0")

    assert broken() == set()
