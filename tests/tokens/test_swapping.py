"""Tokens become others worth the same; a lost answer is given again, another never."""

import pytest

from tests.tokens import holder, make
from wetube.people.models import User
from wetube.tokens import keysets, swapping
from wetube.tokens.refusals import AlreadySpent, TokenRefused, Unbalanced

pytestmark = pytest.mark.django_db


def test_a_swap_gives_as_much_as_it_takes(bob: User) -> None:
    tokens = holder.bought(bob, 100)
    before = make.everything()

    for amounts in ([50], [50, 20, 20, 20], []):
        with pytest.raises(Unbalanced):
            swapping.swap(tokens, holder.shown(holder.hidden(amounts)))
    assert make.everything() == before
    assert holder.worth(holder.swapped(tokens, [50, 20, 20, 10])) == 100


def test_a_lost_swap_is_given_again_and_another_is_refused(bob: User) -> None:
    tokens, kept = holder.bought(bob, 100), holder.split(100)
    first = swapping.swap(tokens, holder.shown(kept))
    before = make.everything()

    again = swapping.swap(tokens, holder.shown(kept))

    assert [row.signature for row in again] == [row.signature for row in first]
    with pytest.raises(AlreadySpent):
        swapping.swap(tokens, holder.shown(holder.split(100)))
    others = holder.bought(bob, 100)
    before_others = make.everything()
    with pytest.raises(TokenRefused):
        swapping.swap(others, holder.shown(kept))
    assert make.everything() == before_others != before


def test_a_lost_swap_is_given_again_after_the_keys_changed(bob: User) -> None:
    tokens, kept = holder.bought(bob, 100), holder.split(100)
    first = swapping.swap(tokens, holder.shown(kept))
    keysets.rotate()

    again = swapping.swap(tokens, holder.shown(kept))

    assert [row.signature for row in again] == [row.signature for row in first]
