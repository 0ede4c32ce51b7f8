"""An unmodified Cashu wallet pays a real film at the real gateway, once."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from script.drills.rig import Rig
from tests.tokens.stock import StockRefused, StockWallet
from tests.video.clips import make_clip

pytestmark = [pytest.mark.chain, pytest.mark.timeout(300)]

COIN = 10**8
PRICE = 30_000_000
AMOUNTS = {"price": PRICE, "visibility": "public"}


@pytest.fixture(scope="module")
def films(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two paid films of the drill's person, published; where each is sold."""
    clip = make_clip(tmp_path_factory.mktemp("clip") / "Storm.mp4", seconds=4, size="320x180")
    keys = [rig.client.upload(clip) for _ in range(2)]
    for key in keys:
        rig.until(lambda key=key: rig.ended(key), 120, "the film is published")
        rig.client.ask("PATCH", f"/videos/{key}", AMOUNTS)
    one, other = (f"http://127.0.0.1:{rig.ports[1]}/pay/v1/videos/{key}" for key in keys)
    return one, other


@pytest.fixture
def wallet(rig: Rig) -> Iterator[StockWallet]:
    with StockWallet(f"http://127.0.0.1:{rig.ports[0]}/mint") as made:
        made("load", "alice")
        made("load", "carol")
        quote = made("quote", "alice", COIN)
        rig.client.ask("POST", f"/wallet/quotes/{quote['quote']}/pay")
        made("check", "alice", quote["quote"])
        made("mint", "alice", quote["quote"], COIN)
        yield made


def charges(rig: Rig) -> list[tuple[Any, ...]]:
    return rig.rows(
        "SELECT charge.key, charge.amount, payee_share, account.owner_id FROM cloudcoin_charge"
        " charge JOIN cloudcoin_tab tab ON tab.id = charge.tab_id"
        " JOIN cloudcoin_account account ON account.id = tab.account_id WHERE tab.kind = 'tokens'"
        " ORDER BY charge.id"
    )


def test_a_film_is_paid_with_tokens_and_plays(
    wallet: StockWallet, rig: Rig, films: tuple[str, str]
) -> None:
    before = charges(rig)
    asked = wallet("pay", films[0], {})
    assert asked["status"] == 402
    request = wallet("asked", asked["headers"]["x-cashu"])
    assert (int(request["amount"]), request["unit"]) == (PRICE, "cld")
    assert request["mints"] == [f"http://127.0.0.1:{rig.ports[0]}/mint"]

    sent = wallet("send", "alice", PRICE)
    paid = wallet("pay", films[0], {"X-Cashu": sent["token"]})

    assert paid["status"] == 200, paid["body"]
    said = json.loads(paid["body"])
    [charge] = charges(rig)[len(before) :]
    assert charge == (said["receipt"]["key"], PRICE, PRICE * 7 // 10, None)
    place = said["source"]["prefix"].removeprefix(f"http://127.0.0.1:{rig.ports[1]}")
    status, playlist, _ = rig.client.request(rig.ports[1], "GET", f"{place}/master.m3u8")
    assert (status, playlist[:7]) == (200, b"#EXTM3U")
    assert "set-cookie" not in paid["headers"]


def test_a_token_pays_no_second_time_anywhere(
    wallet: StockWallet, rig: Rig, films: tuple[str, str]
) -> None:
    token = wallet("send", "alice", PRICE)["token"]
    assert wallet("pay", films[0], {"X-Cashu": token})["status"] == 200
    before = charges(rig)

    for film in films:
        again = wallet("pay", film, {"X-Cashu": token})
        assert again["status"] == 402
        assert json.loads(again["body"])["reason"] == "cashu_11001"
    with pytest.raises(StockRefused) as refused:
        wallet("receive", "carol", token)
    assert refused.value.code == 11001
    assert charges(rig) == before


def test_a_lost_answer_is_asked_for_again_by_its_word(
    wallet: StockWallet, rig: Rig, films: tuple[str, str]
) -> None:
    headers = {"X-Cashu": wallet("send", "alice", PRICE)["token"], "Idempotency-Key": "my word"}

    first, again = (json.loads(wallet("pay", films[0], headers)["body"]) for _ in range(2))

    assert first["receipt"] == again["receipt"]


@pytest.mark.parametrize("amount", [PRICE - 1, PRICE + 1])
def test_another_worth_buys_nothing_and_is_not_spent(
    wallet: StockWallet, rig: Rig, films: tuple[str, str], amount: int
) -> None:
    before = charges(rig)
    token = wallet("send", "alice", amount)["token"]

    refused = wallet("pay", films[0], {"X-Cashu": token})

    assert refused["status"] == 402
    assert json.loads(refused["body"])["reason"] == "cashu_11005"
    assert charges(rig) == before
    assert wallet("receive", "carol", token) == amount


def test_rubbish_is_refused_by_name(wallet: StockWallet, rig: Rig, films: tuple[str, str]) -> None:
    before = charges(rig)

    for token in ("cashuB", "x", "cashuA" + "e30" * 5000):
        refused = wallet("pay", films[0], {"X-Cashu": token})
        assert refused["status"] in {400, 402, 431}
    assert charges(rig) == before
