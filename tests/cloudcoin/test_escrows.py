"""Coin in payment channels: every move once, whatever the chain says twice or takes back."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from tests.cloudcoin import make
from wetube.cloudcoin import caps, charges, escrows, invariants, ledger, refunds, rollup, tabs, till
from wetube.cloudcoin.models import Account, Charge, Escrow, EscrowDeposit, Tab
from wetube.people.models import User

pytestmark = pytest.mark.django_db

CHANNEL = "0x" + "ab" * 32
PAYER = "0x00000000000000000000000000000000000000A1"
CONFIG = {
    "payer": PAYER,
    "payerAuthorizer": "0x00000000000000000000000000000000000000b2",
    "receiver": "0x00000000000000000000000000000000000000C3",
    "receiverAuthorizer": "0x00000000000000000000000000000000000000d4",
    "token": "0x00000000000000000000000000000000000000E5",
    "withdrawDelay": 86400,
    "salt": "0x" + "00" * 32,
}
SEEN = "deposit:0x01:0"


@pytest.fixture
def escrow() -> Escrow:
    return escrows.opened(CHANNEL, CONFIG)


def balance(kind: Account.Kind) -> int:
    return ledger.house(kind).balance


def said(escrow: Escrow) -> tuple[int, int, int, str]:
    """(deposited, unconfirmed, claimed, state) as the row has it."""
    row = Escrow.objects.get(pk=escrow.pk)
    return row.deposited, row.unconfirmed, row.claimed, row.state


def spend(escrow: Escrow, payee: User, amount: int) -> Charge:
    tab = Tab.objects.get(pk=escrow.tab_id)
    voucher = till.Voucher(tab.charged - tab.refunded + amount, b"s" * 65)
    return till.charge_voucher(tab, voucher, payee=payee, amount=amount, subject="video:one")


def test_an_escrow_is_opened_once(escrow: Escrow) -> None:
    assert escrows.opened(CHANNEL.upper().replace("X", "x"), CONFIG) == escrow
    assert escrows.of(CHANNEL) == escrow
    assert escrow.tab.kind == Tab.Kind.SIGNED
    assert (escrow.payer, escrow.authorizer) == (PAYER, CONFIG["payerAuthorizer"])


def test_a_deposit_is_seen_once_and_final_once(escrow: Escrow) -> None:
    for _twice in range(2):
        escrows.deposit_seen(escrow, amount=500, reference=SEEN)
    assert said(escrow) == (0, 500, 0, "open")
    for _twice in range(2):
        escrows.deposit_final(escrow, amount=500, reference=SEEN)

    assert said(escrow) == (500, 0, 0, "open")
    assert Account.objects.get(tab__escrow=escrow).balance == 500
    assert balance(Account.Kind.ESCROWS) == -500
    assert invariants.check() == []


def test_a_deposit_may_be_final_at_first_sight(escrow: Escrow) -> None:
    escrows.deposit_final(escrow, amount=500, reference=SEEN)
    escrows.deposit_seen(escrow, amount=500, reference=SEEN)

    assert said(escrow) == (500, 0, 0, "open")


def test_what_the_chain_takes_back_the_gateway_covers(escrow: Escrow, alice: User) -> None:
    ledger.transfer(
        payer=ledger.account_of(alice),
        payee=ledger.house(Account.Kind.GATEWAY),
        amount=1000,
        reference="till money",
    )
    escrows.deposit_seen(escrow, amount=500, reference=SEEN)
    spend(escrow, alice, 200)

    for _twice in range(2):
        escrows.deposit_gone(escrow, reference=SEEN)
    assert said(escrow) == (0, 0, 0, "frozen")
    assert balance(Account.Kind.GATEWAY) == 800
    assert balance(Account.Kind.ESCROWS) == 0
    assert EscrowDeposit.objects.get().covered == 200

    escrows.deposit_final(escrow, amount=500, reference=SEEN)
    assert said(escrow) == (500, 0, 0, "frozen")
    assert balance(Account.Kind.GATEWAY) == 1000
    rollup.roll_up()
    assert Account.objects.get(tab__escrow=escrow).balance == 300
    assert invariants.check() == []


def test_a_loss_nobody_can_cover_moves_nothing(escrow: Escrow, alice: User) -> None:
    escrows.deposit_seen(escrow, amount=500, reference=SEEN)
    spend(escrow, alice, 200)
    before = make.books(), said(escrow)

    with pytest.raises(ledger.InsufficientFunds):
        escrows.deposit_gone(escrow, reference=SEEN)
    assert (make.books(), said(escrow)) == before


def test_claims_only_grow_and_settled_coin_is_in_the_vault(escrow: Escrow, alice: User) -> None:
    escrows.deposit_final(escrow, amount=500, reference=SEEN)
    spend(escrow, alice, 200)

    escrows.claimed(escrow, total=200)
    escrows.claimed(escrow, total=100)
    for _twice in range(2):
        escrows.settled(amount=200, reference="settled:0x02:0")

    assert said(escrow) == (500, 0, 200, "open")
    assert (balance(Account.Kind.ESCROWS), balance(Account.Kind.VAULT)) == (-300, -200)
    assert invariants.check() == []


def test_a_withdrawal_leaves_once(escrow: Escrow) -> None:
    escrows.deposit_final(escrow, amount=500, reference=SEEN)

    for _twice in range(2):
        escrows.withdrawn(escrow, amount=300, reference="withdrawn:0x03:0")

    assert said(escrow) == (200, 0, 0, "open")
    assert (balance(Account.Kind.ESCROWS), Account.objects.get(tab__escrow=escrow).balance) == (
        -200,
        200,
    )
    assert invariants.check() == []


def test_frozen_until_thawed(escrow: Escrow) -> None:
    when = timezone.now()
    escrows.freeze(escrow, withdraw_at=when)
    frozen = Escrow.objects.get()
    assert (frozen.state, frozen.withdraw_at) == ("frozen", when)

    escrows.thaw(escrow)
    thawed = Escrow.objects.get()
    assert (thawed.state, thawed.withdraw_at) == ("open", None)


def test_who_adopts_an_escrow_sees_what_it_paid(escrow: Escrow, alice: User, bob: User) -> None:
    escrows.deposit_final(escrow, amount=500, reference=SEEN)
    charge = spend(escrow, alice, 10)

    escrows.adopt(escrow, bob)

    assert list(charges.of(bob)) == [charge]
    assert charges.paid(user=bob, subject="video:one") == charge


def test_an_adopted_escrow_keeps_to_the_persons_limits(
    escrow: Escrow, alice: User, bob: User
) -> None:
    escrows.deposit_final(escrow, amount=500, reference=SEEN)
    caps.limit(bob, per_view=9, per_day=100)
    escrows.adopt(escrow, bob)
    ledger.account_of(alice)
    before = make.books()

    with pytest.raises(till.OverViewCap):
        spend(escrow, alice, 10)
    assert make.books() == before

    caps.limit(bob, per_view=10, per_day=100)
    assert spend(escrow, alice, 10).amount == 10


def test_nobody_pays_themselves_from_an_escrow_of_theirs(escrow: Escrow, alice: User) -> None:
    escrows.deposit_final(escrow, amount=500, reference=SEEN)
    escrows.adopt(escrow, alice)
    ledger.account_of(alice)
    before = make.books()

    with pytest.raises(till.SelfPayment):
        spend(escrow, alice, 10)
    assert make.books() == before


def test_a_refund_on_a_signed_tab_lowers_what_is_owed(escrow: Escrow, alice: User) -> None:
    escrows.deposit_final(escrow, amount=500, reference=SEEN)
    charge = spend(escrow, alice, 200)

    refunds.refund(charge, reason="It did not play.")

    tab = Tab.objects.get(escrow=escrow)
    assert (tab.charged, tab.refunded) == (200, 200)
    assert Account.objects.get(tab__escrow=escrow).available == 500
    assert invariants.check() == []


@pytest.mark.parametrize(
    "open_tab", [lambda: tabs.of_wallet(PAYER), tabs.of_tokens], ids=["wallet", "tokens"]
)
def test_other_tabs_are_one_each_and_pay_what_they_hold(
    open_tab: Callable[[], Tab], alice: User
) -> None:
    tab = open_tab()
    assert open_tab() == tab
    ledger.post(
        reference="coin came in",
        kind="deposit",  # type: ignore[arg-type]  # as the database has it
        entries=[(ledger.house(Account.Kind.VAULT), -70), (tab.account, 70)],
    )

    def pay(amount: int, reference: str) -> Charge:
        return till.charge_tab(
            tab,
            payee=alice,
            amount=amount,
            reference=reference,
            subject="tip",
            kind=Charge.Kind.TIP,
        )

    assert pay(60, "tip:1").kind == "tip"
    with pytest.raises(till.InsufficientFunds):
        pay(60, "tip:2")
    assert invariants.check() == []
