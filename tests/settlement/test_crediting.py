"""What the chain says is answered once, and taken back with the chain."""

import pytest
from pytest_django import Settings

from tests.cloudcoin.make import available
from tests.settlement import events_by_hand as chain
from tests.settlement import make
from wetube.chain import keys
from wetube.chain.addresses import ZERO
from wetube.chain.models import ChainTx, Deployment, SignedTx
from wetube.cloudcoin import invariants, ledger, tabs
from wetube.cloudcoin.models import Account, Journal
from wetube.people.models import User
from wetube.settlement import crediting, idle, rooting
from wetube.settlement.models import Credited, DepositAddress, PayoutRoot, Withdrawal

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
def address(bob: User) -> DepositAddress:
    return chain.deposit_address(ledger.account_of(bob))


def house(kind: Account.Kind) -> int:
    return ledger.house(kind).balance


def right() -> None:
    assert invariants.check() == []


def test_a_transfer_counts_when_it_is_final_and_once(bob: User, address: DepositAddress) -> None:
    before = available(bob)
    event = chain.transfer(address.address, 500)
    crediting.credit()
    assert available(bob) == before

    chain.is_final(event)
    crediting.credit()
    assert crediting.credit() == 0

    assert available(bob) == before + 500
    assert house(Account.Kind.VAULT) == -500
    address.refresh_from_db()
    assert (address.received, address.swept) == (500, 0)
    assert Journal.objects.filter(reference=f"deposit:{event.tx_hash}:0").exists()
    right()


def test_two_transfers_of_one_transaction_both_count(bob: User, address: DepositAddress) -> None:
    before = available(bob)
    for place in range(2):
        chain.transfer(address.address, 500, tx="0xfeed", place=place, final=True)
    crediting.credit()

    assert available(bob) == before + 1000


def test_a_transfer_taken_back_is_the_gateway_s_loss_where_it_was_spent(
    bob: User, address: DepositAddress
) -> None:
    make.topped_up(bob, 1)
    give_gateway(1000)
    event = chain.transfer(address.address, 500, final=True)
    crediting.credit()
    make.asked(bob, available(bob) - 200)

    chain.goes(event)
    crediting.credit()

    assert available(bob) == 0
    assert house(Account.Kind.GATEWAY) == 1000 - 300
    address.refresh_from_db()
    assert address.received == 0
    right()


def test_what_the_gateway_cannot_cover_waits_and_moves_nothing(
    bob: User, address: DepositAddress
) -> None:
    event = chain.transfer(address.address, 500, final=True)
    crediting.credit()
    make.asked(bob, available(bob))
    before = make.everything()
    chain.goes(event)

    assert crediting.credit() == 0

    assert make.everything() == before
    row = Credited.objects.get(event=event)
    assert (row.stage, "missing" in row.error) == ("final", True)
    assert crediting.is_behind()
    give_gateway(500)
    crediting.credit()
    row.refresh_from_db()
    assert (row.stage, row.error) == ("gone", "")
    right()


def test_a_transfer_that_comes_again_counts_again(bob: User, address: DepositAddress) -> None:
    before = available(bob)
    event = chain.transfer(address.address, 500, tx="0xfeed", final=True)
    crediting.credit()
    chain.goes(event)
    crediting.credit()
    assert available(bob) == before

    chain.transfer(address.address, 500, tx="0xfeed", final=True)
    crediting.credit()

    assert available(bob) == before + 500
    right()


def test_a_transaction_that_moves_to_another_block_changes_nothing(
    bob: User, address: DepositAddress
) -> None:
    event = chain.transfer(address.address, 500, tx="0xfeed", final=True)
    crediting.credit()
    before = make.everything()

    chain.goes(event)
    again = chain.transfer(address.address, 500, tx="0xfeed")
    crediting.credit()
    chain.is_final(again)
    crediting.credit()

    assert make.everything() == before
    address.refresh_from_db()
    assert address.received == 500


def test_a_block_that_returns_counts_again(bob: User, address: DepositAddress) -> None:
    before = available(bob)
    event = chain.transfer(address.address, 500, final=True)
    crediting.credit()
    chain.goes(event)
    crediting.credit()
    assert available(bob) == before

    chain.returns(event)
    crediting.credit()
    assert crediting.credit() == 0

    assert available(bob) == before + 500
    assert not crediting.is_behind()
    right()


def test_coin_sent_to_the_vault_goes_back_with_a_payout() -> None:
    chain.transfer(chain.VAULT, 2 * make.COIN, final=True)
    for known in (chain.CHANNELS, ZERO):
        chain.transfer(chain.VAULT, make.COIN, sender=known, final=True)
    crediting.credit()
    assert house(Account.Kind.VAULT) == -2 * make.COIN

    idle.refund()
    idle.refund()

    sent_back = Withdrawal.objects.get()
    assert (sent_back.address, sent_back.amount) == (chain.STRANGER, 2 * make.COIN)
    right()


def test_a_one_off_payment_is_booked_once_whoever_is_first() -> None:
    intent = f"exact:{chain.STRANGER}:00"
    tx = ChainTx.objects.create(intent=intent, role="relayer")
    SignedTx.objects.create(
        tx=tx, sender=chain.VAULT, nonce=0, hash="0xfeed", raw=b"", max_fee=1, gas=1
    )
    legs = [(ledger.house(Account.Kind.VAULT), -500),
            (tabs.of_wallet(chain.STRANGER).account, 500)]  # fmt: skip
    ledger.post(reference=intent, kind=Journal.Kind.DEPOSIT, entries=legs)
    before = make.everything()

    chain.transfer(chain.VAULT, 500, tx="0xfeed", final=True)
    crediting.credit()

    assert make.everything() == before
    assert not crediting.is_behind()


def test_a_sweep_moves_no_coin_of_the_books(bob: User, address: DepositAddress) -> None:
    chain.transfer(address.address, 500, final=True)
    crediting.credit()
    before = make.everything()

    chain.transfer(chain.VAULT, 500, sender=address.address, final=True)
    crediting.credit()

    assert make.everything() == before
    address.refresh_from_db()
    assert (address.received, address.swept) == (500, 500)


def test_the_number_asked_is_the_number_paid(bob: User) -> None:
    first, second = make.asked(bob, make.COIN, to=7), make.asked(bob, 2 * make.COIN, to=7)
    root = rooting.make_root(funds=3 * make.COIN)
    assert root
    third = make.asked(bob, 3 * make.COIN, to=7)
    chain.happens("GatewayVault", "Posted", seq=1, root=root.root, total=root.total, final=True)
    paid = chain.happens(
        "GatewayVault", "Paid", who=first.address, amount=3 * make.COIN,
        cumulative=3 * make.COIN, final=True,
    )  # fmt: skip
    crediting.credit()
    assert [one.state for one in again(first, second, third)] == ["paid", "paid", "asked"]
    (first,) = again(first)
    assert first.paid_by == paid.tx_hash
    assert house(Account.Kind.PAYOUTS) == 3 * make.COIN
    assert PayoutRoot.objects.get().posted_at
    right()

    chain.goes(paid)
    crediting.credit()
    first.refresh_from_db()
    assert (first.state, first.paid_by) == ("rooted", "")
    assert house(Account.Kind.PAYOUTS) == 6 * make.COIN
    right()


def test_new_coin_is_the_nodes_and_what_opened_the_chain_backs_grants() -> None:
    event = chain.happens(
        "CloudMint", "Claimed", who=chain.VAULT, amount=700, cumulative=700, final=True
    )
    assert crediting.credit() == 1
    assert "NoOpening" in Credited.objects.get(event=event).error
    chain.opened(500)
    chain.happens("CloudMint", "Claimed", who=chain.STRANGER, amount=9, cumulative=9, final=True)
    crediting.credit()

    assert house(Account.Kind.VAULT) == -700
    assert (house(Account.Kind.ISSUANCE), house(Account.Kind.NODES)) == (500, 200)
    right()


def test_without_a_chain_nothing_is_asked_of_the_database(
    settings: Settings, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    settings.CLOUDCOIN_RPC = ""
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert crediting.credit() == 0


def again(*rows: Withdrawal) -> list[Withdrawal]:
    """As they are now."""
    return [Withdrawal.objects.get(pk=row.pk) for row in rows]


def give_gateway(amount: int) -> None:
    legs = [
        (ledger.house(Account.Kind.ISSUANCE), -amount),
        (ledger.house(Account.Kind.GATEWAY), amount),
    ]
    count = Journal.objects.count()
    ledger.post(reference=f"gift:{count}", kind=Journal.Kind.TRANSFER, entries=legs)
