"""Nodes sell to each other for signed debts: nothing goes out that is not covered by one."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from gateway.node import debt_book, order_book, owing
from gateway.node.book import Book
from gateway.node.debts import PATH, Debts
from gateway.node.failures import Closed, PaymentDue, Unsigned
from gateway.node.orders import Orders
from gateway.node.owing import AHEAD, DebtOrder
from gateway.node.seams import Wanted
from gateway.node.speaking import GatewaySaysNo, GatewaySilent
from node_bridge.network import orders
from node_bridge.network.identity import Identity

GATEWAY, SELLER, BUYER, STRANGER = (Identity.create() for _ in range(4))
MIB, PRICE = 1 << 20, 1_000_000
WANTED = Wanted("bafkqaaa", frozenset({"bafkqaaa"}))


@dataclass
class Netting:
    """The gateway: counts debts up to what the buyer has coin for."""

    coin: int = 1 << 40
    silence: Exception | None = None
    taken: list[int] = field(default_factory=list)

    def post(self, path: str, said: Mapping[str, Any]) -> Mapping[str, Any]:
        assert path == PATH
        if self.silence is not None:
            raise self.silence
        debt = orders.read_debt(said["debt"], to=SELLER.peer_id, now=time.time())
        if debt.total > self.coin:
            raise GatewaySaysNo(402, "DebtRefused", "not enough coin")
        self.taken.append(debt.total)
        return {"total": debt.total, "settled": 0}


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.node.debts.PATIENCE", 0.05)


def book_in(folder: Path) -> Book:
    folder.mkdir(parents=True, exist_ok=True)
    return Book(folder / "book.sqlite3", [order_book.SCHEMA, debt_book.SCHEMA])


def till(book: Book, gateway: Netting) -> Orders:
    own = SELLER.peer_id
    debts = Debts(book, own=own, price=PRICE, post=gateway.post)
    return Orders(book, own=own, gateway=GATEWAY.peer_id, price=PRICE, debts=debts)


def owe(total: int, *, by: Identity = BUYER, to: Identity = SELLER, lasts: int = 3600) -> str:
    until = int(time.time()) + lasts
    return orders.owe(by, creditor=to.peer_id, total=total, expires=until)


async def test_strangers_whose_debts_count_nowhere_are_not_remembered(tmp_path: Path) -> None:
    debts = Debts(book_in(tmp_path), own=SELLER.peer_id, price=PRICE, post=Netting(coin=0).post)
    for _ in range(5):
        with pytest.raises(PaymentDue):
            await debts.admit(owe(1_000, by=Identity.create()))
    assert not debts._accounts


async def test_as_much_goes_out_as_is_signed_and_counted(tmp_path: Path) -> None:
    gateway = Netting()
    ticket = await till(book_in(tmp_path), gateway).admit(owe(orders.cost(3 * MIB, PRICE)), WANTED)
    for _ in range(3):
        await ticket.sending(MIB)
        ticket.sent(MIB)
    with pytest.raises(PaymentDue, match="Sign a debt"):
        await ticket.sending(MIB)
    assert gateway.taken == [orders.cost(3 * MIB, PRICE)]


async def test_a_later_debt_lets_the_same_answer_go_on(tmp_path: Path) -> None:
    selling = till(book_in(tmp_path), Netting())
    ticket = await selling.admit(owe(orders.cost(MIB, PRICE)), WANTED)
    await ticket.sending(MIB)
    ticket.sent(MIB)
    more = orders.cost(2 * MIB, PRICE)
    assert await selling.receipt(owe(more)) == {"total": more}
    await ticket.sending(MIB)


async def test_a_higher_debt_on_its_way_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.node.debts.PATIENCE", 5.0)
    selling = till(book_in(tmp_path), Netting())
    ticket = await selling.admit(owe(orders.cost(MIB, PRICE)), WANTED)
    waiting = asyncio.ensure_future(ticket.sending(2 * MIB))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await selling.receipt(owe(orders.cost(2 * MIB, PRICE)))
    await asyncio.wait_for(waiting, 2)


async def test_a_read_that_broke_off_gives_its_room_back(tmp_path: Path) -> None:
    selling = till(book_in(tmp_path), Netting())
    token = owe(orders.cost(2 * MIB, PRICE))
    ticket = await selling.admit(token, WANTED)
    await ticket.sending(2 * MIB)
    other = await selling.admit(token, WANTED)
    with pytest.raises(PaymentDue):
        await other.sending(MIB)
    del ticket
    await other.sending(2 * MIB)


@pytest.mark.parametrize(
    ("token", "refusal"),
    [
        (owe(10**6, to=STRANGER), Unsigned),
        (owe(10**6, lasts=-1), Unsigned),
        (owe(10**6)[:-4] + "AAAA", Unsigned),
        (owe(0), PaymentDue),
    ],
    ids=["for another", "late", "forged", "nothing"],
)
async def test_a_debt_that_does_not_count_opens_nothing(
    tmp_path: Path, token: str, refusal: type[Exception]
) -> None:
    gateway, book = Netting(), book_in(tmp_path)
    with pytest.raises(refusal):
        await till(book, gateway).admit(token, WANTED)
    assert gateway.taken == []
    assert debt_book.debtor(book, BUYER.peer_id) == debt_book.Debtor()


async def test_what_the_gateway_does_not_count_opens_nothing(tmp_path: Path) -> None:
    for gateway, refusal in (
        (Netting(coin=5), PaymentDue),
        (Netting(silence=GatewaySilent("away")), Closed),
    ):
        book = book_in(tmp_path)
        with pytest.raises(refusal):
            await till(book, gateway).admit(owe(10**6), WANTED)
        assert debt_book.debtor(book, BUYER.peer_id) == debt_book.Debtor()


async def test_what_was_counted_is_not_asked_for_again_after_a_restart(tmp_path: Path) -> None:
    gateway, book = Netting(), book_in(tmp_path)
    total = orders.cost(4 * MIB, PRICE)
    await till(book, gateway).admit(owe(total), WANTED)
    again = till(book, Netting(silence=GatewaySilent("away")))
    ticket = await again.admit(owe(total), WANTED)
    await ticket.sending(4 * MIB)


async def test_a_stranger_s_later_debt_is_no_receipt(tmp_path: Path) -> None:
    with pytest.raises(PaymentDue):
        await till(book_in(tmp_path), Netting()).receipt(owe(5, by=STRANGER))


def test_a_source_s_price_is_read_strictly() -> None:
    assert owing.price_in("Debt 70") == 70
    for said in ("", "Debt", "Debt -1", "debt 7", "Debt 1" + "0" * 20, "Bearer Debt 7", "Debt 7 "):
        assert owing.price_in(said) is None


@examples(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(st.integers(1, 2 * MIB), max_size=10), min_size=1, max_size=3))
def test_whoever_restarts_nobody_is_owed_more_than_was_signed_ahead(
    tmp_path_factory: pytest.TempPathFactory, sessions: list[list[int]]
) -> None:
    folder, gateway = tmp_path_factory.mktemp("debts"), Netting()
    buyer_s, seller_s = book_in(folder / "buyer"), book_in(folder / "seller")
    had = signed = 0

    async def buy(blocks: list[int]) -> None:
        nonlocal had, signed
        selling = till(seller_s, gateway)
        order = DebtOrder(buyer_s, BUYER, SELLER.peer_id, PRICE)
        got = 0
        for size in blocks:
            ticket = await selling.admit(order.token, WANTED)
            await ticket.sending(size)
            ticket.sent(size)
            got += size
            receipt = order.receipt(got)
            await selling.receipt(receipt)
            total = orders.read_debt(receipt, now=0).total
            assert total >= signed
            signed = total
        had += got

    for blocks in sessions:
        asyncio.run(buy(blocks))

    lost = len(sessions)  # a drop each: bytes are written down a drop's worth at a time
    covered = max(gateway.taken, default=0) + lost
    assert orders.cost(had, PRICE) <= covered + orders.cost(2 * MIB, PRICE)
    assert signed <= orders.cost(had + AHEAD, PRICE)
    buyer_s.close()
    seller_s.close()
