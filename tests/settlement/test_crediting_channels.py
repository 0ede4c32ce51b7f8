"""What the chain says of payment channels is answered once, and taken back with the chain."""

import pytest
from pytest_django import Settings

from tests.settlement import events_by_hand as chain
from tests.settlement import make
from wetube.chain import keys
from wetube.chain.models import Deployment
from wetube.cloudcoin import escrows, invariants, ledger, till
from wetube.cloudcoin.models import Account, Escrow, Journal
from wetube.people.models import User
from wetube.settlement import crediting

pytestmark = pytest.mark.django_db

AUTHORIZER = make.address(107)
CHANNEL = f"0x{'ab' * 32}"


@pytest.fixture(autouse=True)
def place(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    settings.CLOUDCOIN_RPC = "http://127.0.0.1:1"
    settings.IDLE_DAYS = 0
    monkeypatch.setattr(keys, "address", lambda _role: AUTHORIZER)
    return chain.deployment()


@pytest.fixture
def escrow(place: Deployment) -> Escrow:
    """A channel of ours, as the chain shows it for the first time."""
    chain.happens("BatchSettlement", "ChannelCreated", channelId=CHANNEL, config=config())
    crediting.credit()
    found = escrows.of(CHANNEL)
    assert found
    return found


def config(**other: object) -> dict[str, object]:
    return {
        "payer": chain.STRANGER,
        "payerAuthorizer": make.address(108),
        "receiver": chain.VAULT,
        "receiverAuthorizer": AUTHORIZER,
        "token": chain.TOKEN,
        "withdrawDelay": 86400,
        "salt": f"0x{'00' * 32}",
        **other,
    }


def house(kind: Account.Kind) -> int:
    return ledger.house(kind).balance


def right() -> None:
    assert invariants.check() == []


def test_a_channel_that_pays_somebody_else_is_none_of_ours() -> None:
    for other in ({"receiver": chain.STRANGER}, {"token": chain.STRANGER},
                  {"receiverAuthorizer": chain.STRANGER}):  # fmt: skip
        chain.happens(
            "BatchSettlement", "ChannelCreated", channelId=CHANNEL, config=config(**other)
        )
    chain.happens("BatchSettlement", "Deposited", channelId=CHANNEL, amount=7, balance=7)
    crediting.credit()

    assert not Escrow.objects.exists()
    assert not crediting.is_behind()


def test_a_channel_is_frozen_from_the_first_sight_of_a_withdrawal(escrow: Escrow) -> None:
    chain.happens("BatchSettlement", "Deposited", channelId=CHANNEL, amount=9, final=True)
    begun = chain.happens(
        "BatchSettlement", "WithdrawInitiated", channelId=CHANNEL, amount=9, finalizableAt=2**33
    )
    crediting.credit()
    escrow.refresh_from_db()
    assert (escrow.state, escrow.deposited) == ("frozen", 9)
    assert escrow.withdraw_at

    chain.goes(begun)
    crediting.credit()
    assert Escrow.objects.filter(pk=escrow.pk, state="open", withdraw_at=None).exists()


def test_coin_that_left_a_channel_is_booked_when_it_is_final(escrow: Escrow) -> None:
    chain.happens("BatchSettlement", "Deposited", channelId=CHANNEL, amount=9, final=True)
    left = chain.happens("BatchSettlement", "Refunded", channelId=CHANNEL, amount=4)
    crediting.credit()
    escrow.refresh_from_db()
    assert (escrow.state, escrow.deposited) == ("frozen", 9)

    chain.is_final(left)
    crediting.credit()
    escrow.refresh_from_db()
    assert (escrow.state, escrow.deposited) == ("open", 5)
    assert house(Account.Kind.ESCROWS) == -5

    chain.goes(left)
    crediting.credit()
    escrow.refresh_from_db()
    assert escrow.deposited == 9
    assert house(Account.Kind.ESCROWS) == -9
    right()


def test_claims_and_settles_go_and_come(escrow: Escrow, alice: User) -> None:
    chain.happens("BatchSettlement", "Deposited", channelId=CHANNEL, amount=900, final=True)
    crediting.credit()
    spend(escrow, alice, 600)
    claim = chain.happens(
        "BatchSettlement", "Claimed", channelId=CHANNEL, amount=600, totalClaimed=600
    )
    settle = chain.happens(
        "BatchSettlement", "Settled", receiver=chain.VAULT, token=chain.TOKEN, amount=600,
        final=True,
    )  # fmt: skip
    chain.happens("BatchSettlement", "Settled", receiver=chain.STRANGER, token=chain.TOKEN,
                  amount=5, final=True)  # fmt: skip
    crediting.credit()
    escrow.refresh_from_db()
    assert escrow.claimed == 600
    assert (house(Account.Kind.VAULT), house(Account.Kind.ESCROWS)) == (-600, -300)

    chain.goes(settle)
    chain.goes(claim)
    crediting.credit()
    escrow.refresh_from_db()
    assert escrow.claimed == 0
    assert (house(Account.Kind.VAULT), house(Account.Kind.ESCROWS)) == (0, -900)
    right()


def spend(escrow: Escrow, payee: User, amount: int) -> None:
    till.charge_voucher(
        escrow.tab, till.Voucher(amount, b"s" * 65), payee=payee, amount=amount, subject="video:one"
    )


def test_a_deposit_that_is_gone_freezes_though_the_gateway_cannot_pay_yet(
    escrow: Escrow, alice: User
) -> None:
    deposit = chain.happens("BatchSettlement", "Deposited", channelId=CHANNEL, amount=900)
    crediting.credit()
    voucher = till.Voucher(400, b"\x01" * 65)
    till.charge_voucher(escrow.tab, voucher, payee=alice, amount=400, subject="video:one")
    chain.goes(deposit)
    gateway = house(Account.Kind.GATEWAY)

    assert [crediting.credit(), crediting.credit()] == [0, 0]

    escrow.refresh_from_db()
    assert (escrow.state, escrow.unconfirmed) == ("frozen", 900)
    assert house(Account.Kind.GATEWAY) == gateway
    assert crediting.is_behind()

    ledger.post(
        reference="income",
        kind=Journal.Kind.TRANSFER,
        entries=[
            (ledger.house(Account.Kind.ISSUANCE), -400),
            (ledger.house(Account.Kind.GATEWAY), 400),
        ],
    )
    crediting.credit()
    escrow.refresh_from_db()
    assert (escrow.state, escrow.unconfirmed) == ("frozen", 0)
    assert not crediting.is_behind()
    right()

    chain.returns(deposit)
    chain.is_final(deposit)
    crediting.credit()
    escrow.refresh_from_db()
    assert (escrow.state, escrow.deposited) == ("open", 900)
    right()
