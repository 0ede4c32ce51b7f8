"""Whatever people do with tokens, in whatever order: coin lies behind every one of them."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tests.tokens import holder, make
from wetube.cloudcoin import invariants, ledger, rollup
from wetube.cloudcoin.models import Charge, Tab
from wetube.cloudcoin.refusals import InsufficientFunds
from wetube.people.models import User
from wetube.tokens import denominations, keysets, liability, melting, minting, spending
from wetube.tokens.inputs import Token
from wetube.tokens.models import Quote
from wetube.tokens.refusals import TokenRefused

AMOUNTS = st.one_of(st.integers(1, 99), st.integers(1, 3 * make.COIN))
ACTIONS = st.one_of(
    st.tuples(st.just("buy"), AMOUNTS),
    st.tuples(st.just("leave"), AMOUNTS),
    st.tuples(st.just("swap"), st.integers(0, 5)),
    st.tuples(st.just("pay"), AMOUNTS),
    st.tuples(st.just("spend again"), st.integers(0, 5)),
    st.tuples(st.just("melt"), AMOUNTS),
    st.tuples(st.just("refund"), st.integers(0, 5)),
    st.tuples(st.just("take up"), st.integers(0, 5)),
    st.tuples(st.just("rotate"), st.just(0)),
    st.tuples(st.just("roll up"), st.just(0)),
)


class AnyHistory(TestCase):
    def setUp(self) -> None:
        self.alice, self.bob = (User.objects.create(name=name) for name in ("alice", "bob"))
        self.purse: list[Token] = []
        self.gone: list[Token] = []
        self.verbs: dict[str, Callable[[int], None]] = {
            "buy": self.buy,
            "leave": self.leave,
            "swap": self.swap,
            "pay": self.pay,
            "spend again": self.spend_again,
            "melt": self.melt,
            "refund": self.refund,
            "take up": self.take_up,
            "rotate": self.rotate,
            "roll up": self.roll_up,
        }

    @settings(max_examples=12, deadline=None)
    @given(st.lists(ACTIONS, max_size=9))
    def test_keeps_what_is_owed_covered(self, history: Sequence[tuple[str, int]]) -> None:
        self.purse, self.gone = [], []
        for verb, number in history:
            with suppress(TokenRefused, InsufficientFunds):
                self.verbs[verb](number)
            owed = liability.look()
            assert owed.is_covered
            assert owed.outstanding == holder.worth(self.purse)
        rollup.roll_up()
        assert list(liability.tokens_are_backed()) == []
        assert invariants.check() == []

    def buy(self, amount: int) -> None:
        self.purse += holder.bought(self.bob, amount)

    def leave(self, amount: int) -> None:
        """Paid, and nobody comes for the tokens."""
        holder.paid_quote(self.bob, amount)

    def swap(self, number: int) -> None:
        given = self.purse[: number + 1]
        if given:
            made = holder.swapped(given, denominations.split(holder.worth(given)))
            self._give(given, made)

    def pay(self, price: int) -> None:
        over = holder.worth(self.purse) - price
        kept = holder.split(over) if over > 0 else []
        blank = holder.blank_text(kept)
        paid = spending.pay(holder.as_text(self.purse), make.bill(self.alice, price), blank=blank)
        self._give(self.purse, holder.opened(kept, paid.change))

    def spend_again(self, number: int) -> None:
        for token in self.gone[number : number + 1]:
            with pytest.raises(TokenRefused):
                spending.pay(holder.as_text([token]), make.bill(self.alice, token.amount))

    def melt(self, amount: int) -> None:
        quote = melting.ask(amount, to=ledger.account_of(self.alice).key)
        kept = holder.hidden([0] * 40)
        melted = melting.melt(quote, self.purse, holder.shown(kept))
        self._give(self.purse, holder.opened(kept[: len(melted.change)], melted.change))

    def refund(self, number: int) -> None:
        charges = Charge.objects.filter(tab__kind=Tab.Kind.TOKENS).order_by("pk")
        for charge in charges[number : number + 1]:
            spending.refund(charge, reason="did not play")

    def take_up(self, number: int) -> None:
        paid = Quote.objects.filter(state="paid", kind="mint").order_by("pk")
        for quote in paid[number : number + 1]:
            kept = holder.split(quote.amount)
            self.purse += holder.opened(kept, minting.sign(quote, holder.shown(kept)))

    def rotate(self, _: int) -> None:
        keysets.rotate()

    def roll_up(self, _: int) -> None:
        rollup.roll_up()

    def _give(self, given: Sequence[Token], taken: Sequence[Token]) -> None:
        left = [token for token in self.purse if token not in given]
        self.gone += given
        self.purse = [*left, *taken]
