"""An unmodified Cashu wallet mints, splits, sends, receives, melts and restores at our mint."""

from collections.abc import Iterator
from typing import Any

import pytest

from script.drills.rig import Rig
from tests.tokens.stock import StockRefused, StockWallet

pytestmark = pytest.mark.chain

COIN = 10**8


@pytest.fixture
def wallet(rig: Rig) -> Iterator[StockWallet]:
    with StockWallet(f"http://127.0.0.1:{rig.ports[0]}/mint") as made:
        made("load", "alice")
        made("load", "carol")
        yield made


def look(rig: Rig) -> tuple[bool, int, int, str]:
    """Whether tokens are covered, drops outstanding, drops the person has, their account's key."""
    issued, spent = (
        int(rig.rows(f"SELECT coalesce(sum(amount), 0) FROM {table}")[0][0])
        for table in ("tokens_blindsignature", "tokens_spenttoken")
    )
    backed = rig.rows("SELECT balance - held FROM cloudcoin_account WHERE kind = 'tokens'")
    person = rig.rows(
        "SELECT balance - held, key FROM cloudcoin_account WHERE kind = 'person' ORDER BY id"
    )
    available, key = person[0] if person else (10 * COIN, "")
    return sum(row[0] for row in backed) == issued - spent, issued - spent, int(available), str(key)


def buy(wallet: StockWallet, rig: Rig, amount: int) -> dict[str, Any]:
    """Ask for a quote, pay it as a program with a token does, mint."""
    quote = wallet("quote", "alice", amount)
    assert (quote["state"], quote["amount"]) == ("UNPAID", amount)
    paid = rig.client.ask("POST", f"/wallet/quotes/{quote['quote']}/pay")
    assert paid["state"] == "paid"
    assert wallet("check", "alice", quote["quote"])["state"] == "PAID"
    minted: dict[str, Any] = wallet("mint", "alice", quote["quote"], amount)
    return minted


def test_a_wallet_mints_splits_sends_and_receives(wallet: StockWallet, rig: Rig) -> None:
    _, before, _, _ = look(rig)
    assert buy(wallet, rig, COIN) == {"worth": COIN, "count": 1, "proven": True}
    sent = wallet("send", "alice", 30_000_000)
    assert (sent["worth"], sent["kept"]) == (30_000_000, 70_000_000)

    assert wallet("receive", "carol", sent["token"]) == 30_000_000

    assert wallet("states", "carol", sent["token"]) == [True, True]
    with pytest.raises(StockRefused, match="already spent") as refused:
        wallet("receive", "alice", sent["token"])
    assert refused.value.code == 11001
    assert look(rig)[:2] == (True, before + COIN)


def test_an_unpaid_quote_mints_nothing(wallet: StockWallet, rig: Rig) -> None:
    before = look(rig)
    quote = wallet("quote", "alice", 100)

    with pytest.raises(StockRefused) as refused:
        wallet("mint", "alice", quote["quote"], 100)

    assert "not paid" in str(refused.value) or "available" in str(refused.value)
    assert look(rig) == before


def test_a_lost_wallet_is_restored_from_its_seed(wallet: StockWallet, rig: Rig) -> None:
    buy(wallet, rig, 123_456_789)
    wallet("send", "alice", 23_456_789)

    found = wallet("restore", "alice")

    assert found["unspent"] == found["held"] == 100_000_000


def test_tokens_melt_back_to_a_balance_with_change(wallet: StockWallet, rig: Rig) -> None:
    buy(wallet, rig, 50_000_000)
    _, _, before, account = look(rig)

    melted = wallet("melt", "alice", 12_345_678, account)
    assert melted == {"state": "PAID", "left": 50_000_000 - 12_345_678}
    assert wallet("overmelt", "alice", 7, account)["left"] == 50_000_000 - 12_345_685

    covered, _, after, _ = look(rig)
    assert after == before + 12_345_685
    assert covered
