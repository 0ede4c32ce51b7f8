"""A token pays once, for one thing, all of it or nothing."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.cloudcoin.make import charge as charge_balance
from tests.tokens import holder, make, other_half
from wetube.cloudcoin import invariants, ledger, refunds, rollup, till
from wetube.cloudcoin.models import Account, Charge
from wetube.cloudcoin.refusals import BadAmount
from wetube.people.models import User
from wetube.tokens import inputs, keysets, liability, minting, spending, texts
from wetube.tokens.inputs import Token
from wetube.tokens.models import Quote
from wetube.tokens.refusals import (
    AlreadySpent,
    BadProof,
    DoubledInput,
    Malformed,
    TokenRefused,
    TooManyInputs,
    Unbalanced,
    UnknownKeyset,
    WrongAmount,
)

pytestmark = pytest.mark.django_db


def test_a_token_pays_a_view(alice: User, bob: User) -> None:
    tokens = holder.bought(bob, make.PRICE)

    paid = spending.pay(holder.as_text(tokens), make.bill(alice))

    assert (paid.charge.amount, paid.charge.payee.owner) == (make.PRICE, alice)
    assert paid.charge.tab.account.owner is None
    assert paid.change_text == ""
    assert liability.outstanding() == 0
    rollup.roll_up()
    assert ledger.account_of(alice).available == 10 * make.COIN + paid.charge.payee_share
    assert ledger.house(Account.Kind.TOKENS).balance == 0
    assert liability.look().is_covered
    assert invariants.check() == []


def test_nothing_in_the_charge_says_who_bought_the_token(alice: User, bob: User) -> None:
    tokens = holder.bought(bob, make.PRICE)

    paid = spending.pay(holder.as_text(tokens), make.bill(alice))

    row = str(Charge.objects.values().get(pk=paid.charge.pk))
    assert not [token for token in tokens if token.y in row or token.secret in row]
    assert not Charge.objects.filter(tab__account__owner=bob).exists()


def test_change_comes_back_blind(alice: User, bob: User) -> None:
    tokens, kept = holder.bought(bob, make.COIN), holder.split(make.COIN - make.PRICE)

    paid = spending.pay(
        holder.as_text(tokens), make.bill(alice), blank=holder.blank_text(kept), retry="one"
    )

    change = holder.opened(kept, paid.change)
    assert holder.worth(change) == make.COIN - make.PRICE
    assert holder.worth(holder.swapped(change, [50_000_000, 20_000_000])) == 70_000_000
    assert liability.look().is_covered


def test_change_can_be_left_to_the_mint(alice: User, bob: User) -> None:
    tokens, kept = holder.bought(bob, make.COIN), holder.hidden([0] * 9)

    paid = spending.pay(holder.as_text(tokens), make.bill(alice), blank=holder.blank_text(kept))

    assert [row.amount for row in paid.change] == [20_000_000, 50_000_000]
    assert liability.look().is_covered


def test_a_token_is_refused_the_second_time(alice: User, bob: User) -> None:
    text = holder.as_text(holder.bought(bob, make.PRICE))
    spending.pay(text, make.bill(alice))
    before = make.everything()

    for subject in ("video:one", "video:two"):
        with pytest.raises(AlreadySpent):
            spending.pay(text, make.bill(alice, subject=subject))
    assert make.everything() == before


def test_a_lost_answer_is_given_again_to_who_knows_the_word(alice: User, bob: User) -> None:
    text, kept = holder.as_text(holder.bought(bob, make.COIN)), holder.split(70_000_000)
    blank = holder.blank_text(kept)
    first = spending.pay(text, make.bill(alice), blank=blank, retry="a word of mine")
    before = make.everything()

    again = spending.pay(text, make.bill(alice), blank=blank, retry="a word of mine")

    assert again.charge == first.charge
    assert again.change_text == first.change_text != ""
    with pytest.raises(AlreadySpent):
        spending.pay(text, make.bill(alice), blank=blank, retry="another word")
    with pytest.raises(AlreadySpent):
        spending.pay(
            text, make.bill(alice, subject="video:two"), blank=blank, retry="a word of mine"
        )
    assert make.everything() == before


def test_a_refunded_payment_is_not_given_again(alice: User, bob: User) -> None:
    text = holder.as_text(holder.bought(bob, make.PRICE))
    paid = spending.pay(text, make.bill(alice), retry="word")
    spending.refund(paid.charge, reason="did not play")

    with pytest.raises(AlreadySpent):
        spending.pay(text, make.bill(alice), retry="word")


def test_a_refund_becomes_tokens_again(alice: User, bob: User) -> None:
    paid = spending.pay(holder.as_text(holder.bought(bob, make.PRICE)), make.bill(alice))

    quote = spending.refund(paid.charge, reason="did not play")

    assert spending.refund(paid.charge, reason="did not play") == quote
    assert liability.look().is_covered
    kept = holder.split(make.PRICE)
    assert holder.worth(holder.opened(kept, minting.sign(quote, holder.shown(kept)))) == make.PRICE
    assert Quote.objects.get(pk=quote.pk).state == Quote.State.ISSUED
    assert liability.look().is_covered
    assert invariants.check() == []


def test_a_refund_nobody_took_up_is_still_owed(alice: User, bob: User) -> None:
    paid = spending.pay(holder.as_text(holder.bought(bob, make.PRICE)), make.bill(alice))

    refunds.refund(paid.charge, reason="did not play")

    owed = liability.look()
    assert (owed.waiting, owed.is_covered) == (make.PRICE, True)


@pytest.mark.parametrize("worth", [make.PRICE - 1, make.PRICE + 1])
def test_another_worth_than_the_price_is_refused(alice: User, bob: User, worth: int) -> None:
    text = holder.as_text(holder.bought(bob, worth))
    before = make.everything()

    with pytest.raises(WrongAmount):
        spending.pay(text, make.bill(alice))
    assert make.everything() == before


@pytest.mark.parametrize("blanks", [[1], [20_000_000, 20_000_000], [0]])
def test_change_that_does_not_fit_its_outputs_is_refused(
    alice: User, bob: User, blanks: list[int]
) -> None:
    text = holder.as_text(holder.bought(bob, make.COIN))
    before = make.everything()

    with pytest.raises(Unbalanced):
        spending.pay(text, make.bill(alice), blank=holder.blank_text(holder.hidden(blanks)))
    assert make.everything() == before


@pytest.mark.parametrize("blank", ["!", "W10", "bm8", "eyJhIjoxfQ", "A" * 50_000])
def test_outputs_that_are_none_are_refused(alice: User, bob: User, blank: str) -> None:
    text = holder.as_text(holder.bought(bob, make.COIN))
    before = make.everything()

    with pytest.raises(TokenRefused):
        spending.pay(text, make.bill(alice), blank=blank)
    assert make.everything() == before


def test_forged_tokens_pay_nothing(alice: User, bob: User) -> None:
    [token] = holder.bought(bob, 20_000_000)
    point = other_half.blind("x", other_half.random_scalar())
    forgeries = [
        replace(token, c=point),
        replace(token, secret="another"),
        replace(token, amount=50_000_000),
        replace(token, amount=3),
        replace(token, amount=2**63),
        replace(token, amount=-20_000_000),
        replace(token, amount=0),
        replace(token, keyset=keysets.rotate().key),
    ]
    before = make.everything()

    for forged in forgeries:
        price = max(forged.amount, 1)
        with pytest.raises(TokenRefused):
            spending.pay(as_json_text(forged), make.bill(alice, price=price))
    with pytest.raises(BadProof):
        spending.pay(holder.as_text(forgeries[:1]), make.bill(alice, price=20_000_000))
    assert make.everything() == before


@pytest.mark.parametrize("c", ["00" * 33, "02" + "ff" * 32, "04" + "11" * 32, "02" + "00" * 32])
def test_a_signature_that_is_no_point_pays_nothing(alice: User, bob: User, c: str) -> None:
    [token] = holder.bought(bob, 20_000_000)
    before = make.everything()

    with pytest.raises(Malformed):
        spending.pay(holder.as_text([replace(token, c=c)]), make.bill(alice, price=20_000_000))
    assert make.everything() == before


def test_upper_case_digits_are_not_the_same_point(alice: User, bob: User) -> None:
    [token] = holder.bought(bob, 20_000_000)

    with pytest.raises(Malformed):
        spending.pay(
            as_json_text(replace(token, c=token.c.upper())), make.bill(alice, price=20_000_000)
        )


def test_the_same_token_twice_in_one_payment_is_refused(alice: User, bob: User) -> None:
    [token] = holder.bought(bob, 20_000_000)
    before = make.everything()

    with pytest.raises(DoubledInput):
        spending.pay(holder.as_text([token, token]), make.bill(alice, price=40_000_000))
    assert make.everything() == before


def test_ten_thousand_tokens_are_too_many(alice: User, bob: User) -> None:
    [token] = holder.bought(bob, 20_000_000)

    with pytest.raises((TooManyInputs, Malformed)):
        spending.pay(holder.as_text([token] * 10_000), make.bill(alice))
    with pytest.raises(TooManyInputs):
        inputs.read([holder.as_json(token)] * 10_000)


def test_another_mints_keyset_pays_nothing(alice: User, bob: User) -> None:
    [token] = holder.bought(bob, 20_000_000)

    with pytest.raises(UnknownKeyset):
        spending.pay(
            holder.as_text([replace(token, keyset="00" * 8)]), make.bill(alice, price=20_000_000)
        )


def test_if_the_till_refuses_the_token_is_not_spent(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = holder.bought(bob, make.PRICE)
    before = make.everything()

    def refuse(*_: Any, **__: Any) -> Charge:
        raise BadAmount(make.PRICE)

    monkeypatch.setattr(till, "charge_tab", refuse)
    with pytest.raises(BadAmount):
        spending.pay(holder.as_text(tokens), make.bill(alice))
    monkeypatch.undo()
    assert make.everything() == before
    assert spending.pay(holder.as_text(tokens), make.bill(alice)).charge.amount == make.PRICE


def test_paying_with_a_balance_still_works_beside(alice: User, bob: User) -> None:
    spending.pay(holder.as_text(holder.bought(bob, make.PRICE)), make.bill(alice))

    charge_balance(bob, alice)

    assert rollup.roll_up() == 2
    assert liability.look().is_covered
    assert invariants.check() == []


def as_json_text(token: Token) -> str:
    said = {
        "token": [{"mint": texts.mint_url(), "proofs": [holder.as_json(token)]}],
        "unit": "cld",
    }
    return "cashuA" + texts.encoded(json.dumps(said).encode())
