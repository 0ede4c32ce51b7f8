"""A node sells no further than a window past the last receipt, and hands in the last of each."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.node import order_book
from gateway.node import orders as selling
from gateway.node.book import Book
from gateway.node.failures import PaymentDue, Unsigned
from gateway.node.handing_in import MOST, HandingIn
from gateway.node.orders import Orders
from gateway.node.speaking import GatewaySaysNo, GatewaySilent
from node_bridge.network import orders, statements
from node_bridge.network.orders import WINDOW
from tests.node.make_orders import (
    CLIENT,
    GATEWAY,
    MIB,
    NODE,
    STRANGER,
    WANTED,
    Counter,
    limit,
    rows,
)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path / "book.sqlite3", [order_book.SCHEMA])


@pytest.fixture
def till(book: Book, monkeypatch: pytest.MonkeyPatch) -> Orders:
    monkeypatch.setattr(selling, "PATIENCE", 0.05)
    return Orders(book, own=NODE.peer_id, gateway=GATEWAY.peer_id, price=7)


async def test_a_window_goes_out_on_credit_and_no_more(till: Orders) -> None:
    agreed = limit()
    ticket = await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    sent = 0
    while sent < WINDOW:
        await ticket.sending(MIB)
        ticket.sent(MIB)
        sent += MIB
    with pytest.raises(PaymentDue, match=f"{WINDOW} bytes have none"):
        await ticket.sending(1)

    await till.receipt(orders.sign(CLIENT, agreed, 3 * MIB))

    await ticket.sending(3 * MIB)
    with pytest.raises(PaymentDue):
        await ticket.sending(3 * MIB + 1)


async def test_blocks_that_begin_at_once_do_not_stop_each_other_halfway(till: Orders) -> None:
    agreed = limit()
    token = orders.issue(GATEWAY, agreed)
    tickets = [await till.admit(token, WANTED) for _ in range(6)]
    begun = []
    for ticket in tickets:
        try:
            await ticket.sending(MIB)
        except PaymentDue:
            continue
        begun.append(ticket)
    assert len(begun) == WINDOW // MIB
    for ticket in begun:
        for _ in range(4):
            await ticket.sending(MIB // 4)
            ticket.sent(MIB // 4)


async def test_a_read_that_broke_off_gives_its_room_back(till: Orders) -> None:
    token = orders.issue(GATEWAY, limit())
    ticket = await till.admit(token, WANTED)
    await ticket.sending(WINDOW)
    other = await till.admit(token, WANTED)
    with pytest.raises(PaymentDue):
        await other.sending(1)
    del ticket
    await other.sending(WINDOW)


async def test_an_answer_waits_for_a_receipt_that_is_on_its_way(
    till: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selling, "PATIENCE", 5.0)
    agreed = limit()
    ticket = await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    await ticket.sending(WINDOW)
    ticket.sent(WINDOW)
    waiting = asyncio.ensure_future(ticket.sending(MIB))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await till.receipt(orders.sign(CLIENT, agreed, MIB))
    await asyncio.wait_for(waiting, 1)


async def test_connections_share_one_limit(till: Orders) -> None:
    token = orders.issue(GATEWAY, limit(max_bytes=3 * MIB))
    tickets = [await till.admit(token, WANTED) for _ in range(3)]
    for ticket in tickets:
        await ticket.sending(MIB)
        ticket.sent(MIB)
    with pytest.raises(PaymentDue, match="used up"):
        await tickets[0].sending(1)


@pytest.mark.parametrize(
    ("token", "refusal"),
    [
        ("", PaymentDue),
        ("rubbish", Unsigned),
        (orders.issue(STRANGER, limit(gateway=STRANGER.peer_id)), Unsigned),
        (orders.issue(GATEWAY, limit(node=STRANGER.peer_id)), Unsigned),
        (orders.issue(GATEWAY, limit(root="bafkqaaa")), PaymentDue),
        (orders.issue(GATEWAY, limit(price=6)), PaymentDue),
        (orders.issue(GATEWAY, limit(expires=int(time.time()) - 1)), PaymentDue),
        (orders.sign(CLIENT, limit(), 5), Unsigned),
    ],
    ids=["none", "rubbish", "gateway", "node", "root", "price", "expired", "kind"],
)
async def test_what_is_no_limit_for_this_opens_nothing(
    till: Orders, book: Book, token: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        await till.admit(token, WANTED)
    assert rows(book) == []


async def test_receipts_rise_and_never_fall(till: Orders, book: Book) -> None:
    agreed = limit()
    await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    for size, counts in ((5, 5), (3, 5), (9, 9), (9, 9)):
        assert (await till.receipt(orders.sign(CLIENT, agreed, size)))["bytes"] == counts
        found = order_book.find(book, agreed.serial)
        assert found is not None
        assert found.received == counts


async def test_receipts_that_do_not_count_change_nothing(till: Orders, book: Book) -> None:
    agreed = limit()
    await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    claims = {"aud": NODE.peer_id, "jti": agreed.serial, "bytes": 5, "exp": agreed.expires}
    before = rows(book)
    bad = [
        statements.state(STRANGER, statements.RECEIPT, claims),
        statements.state(CLIENT, statements.RECEIPT, {**claims, "aud": STRANGER.peer_id}),
        statements.state(CLIENT, statements.RECEIPT, {**claims, "bytes": agreed.max_bytes + 1}),
        statements.state(CLIENT, statements.RECEIPT, {**claims, "bytes": -1}),
        statements.state(CLIENT, statements.RECEIPT, {**claims, "exp": 1}),
        # It would hold now and no more when it is handed in: bytes for nothing.
        statements.state(CLIENT, statements.RECEIPT, {**claims, "exp": agreed.expires - 1}),
        "rubbish",
    ]
    for token in bad:
        with pytest.raises(Unsigned):
            await till.receipt(token)
    with pytest.raises(PaymentDue):
        await till.receipt(orders.sign(CLIENT, limit(), 5))
    await till.write()
    assert rows(book) == before


async def test_after_a_restart_it_goes_on_from_the_last_receipt(till: Orders, book: Book) -> None:
    agreed = limit()
    token = orders.issue(GATEWAY, agreed)
    await till.admit(token, WANTED)
    await till.receipt(orders.sign(CLIENT, agreed, 18 * MIB))
    await till.write()

    again = Orders(book, own=NODE.peer_id, gateway=GATEWAY.peer_id, price=7)
    ticket = await again.admit(token, WANTED)

    await ticket.sending(2 * MIB)
    with pytest.raises(PaymentDue, match="used up"):
        await ticket.sending(2 * MIB + 1)


async def test_only_the_last_receipt_is_handed_in_and_once(till: Orders, book: Book) -> None:
    gateway, agreed = Counter(), limit()
    chore = HandingIn(book, till, gateway.post)
    await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    for size in (100, 200, 300):
        await till.receipt(orders.sign(CLIENT, agreed, size))
    now = time.time()

    assert await chore.look(now) == 0  # a newer one may still come
    assert gateway.asked == []
    assert await chore.look(now + 30) == 1
    assert await chore.look(now + 60) == 0
    assert [len(tokens) for tokens in gateway.asked] == [1]
    assert orders.read_receipt(gateway.asked[0][0], now=0).size == 300

    await till.receipt(orders.sign(CLIENT, agreed, 4 * MIB))
    assert await chore.look(now) == 0
    assert await chore.look(now + 90) == 1
    assert order_book.totals(book) == {"received": 4 * MIB, "handed": 4 * MIB, "refused": 0}


async def test_a_first_mebibyte_is_handed_in_at_once(till: Orders, book: Book) -> None:
    gateway, agreed = Counter(), limit()
    chore = HandingIn(book, till, gateway.post)
    await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    await till.receipt(orders.sign(CLIENT, agreed, MIB))
    assert await chore.look(time.time()) == 1


async def test_a_limit_that_ends_soon_is_handed_in_at_once(till: Orders, book: Book) -> None:
    gateway, agreed = Counter(), limit(expires=int(time.time()) + 60)
    chore = HandingIn(book, till, gateway.post)
    await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    await till.receipt(orders.sign(CLIENT, agreed, 5))
    assert await chore.look(time.time()) == 1


@pytest.mark.parametrize("silence", [GatewaySilent("away"), GatewaySaysNo(404, "", "who?")])
async def test_a_silent_gateway_is_asked_again(
    till: Orders, book: Book, silence: Exception
) -> None:
    gateway, agreed = Counter(), limit()
    chore = HandingIn(book, till, gateway.post)
    await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    await till.receipt(orders.sign(CLIENT, agreed, 5))
    gateway.silence = silence
    now = time.time() + 30
    assert await chore.look(now) == 0
    gateway.silence = None
    assert await chore.look(now + 1) == 0  # not at once
    assert await chore.look(now + 20) == 1


async def test_a_refused_receipt_is_told_and_not_handed_in_again(till: Orders, book: Book) -> None:
    gateway, agreed = Counter(), limit()
    gateway.reason = "inflated"
    chore = HandingIn(book, till, gateway.post)
    await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    await till.receipt(orders.sign(CLIENT, agreed, 5))
    for later in (30, 60, 90):
        assert await chore.look(time.time() + later) == 0
    assert len(gateway.asked) == 1
    found = order_book.find(book, agreed.serial)
    assert found is not None
    assert found.why == "inflated: why"
    assert order_book.totals(book) == {"received": 5, "handed": 0, "refused": 5}


@pytest.mark.parametrize("answer", [{}, {"receipts": []}, {"receipts": [7]}, {"receipts": "x"}])
async def test_an_answer_that_makes_no_sense_acknowledges_nothing(
    till: Orders, book: Book, answer: Mapping[str, Any]
) -> None:
    def post(_path: str, _said: Mapping[str, Any]) -> Mapping[str, Any]:
        return answer

    agreed = limit()
    chore = HandingIn(book, till, post)
    await till.admit(orders.issue(GATEWAY, agreed), WANTED)
    await till.receipt(orders.sign(CLIENT, agreed, 5))
    assert await chore.look(time.time() + 30) == 0
    assert order_book.totals(book) == {"received": 5, "handed": 0, "refused": 0}


async def test_many_are_handed_in_by_and_by(till: Orders, book: Book) -> None:
    gateway = Counter()
    chore = HandingIn(book, till, gateway.post)
    for _ in range(MOST + 5):
        agreed = limit()
        await till.admit(orders.issue(GATEWAY, agreed), WANTED)
        await till.receipt(orders.sign(CLIENT, agreed, 5))
    now = time.time() + 30
    assert [await chore.look(now + step) for step in range(3)] == [MOST, 5, 0]


async def test_what_ended_long_ago_is_forgotten(till: Orders, book: Book) -> None:
    await till.admit(orders.issue(GATEWAY, limit()), WANTED)
    await HandingIn(book, till, Counter().post).look(time.time() + 8 * 86_400)
    assert rows(book) == []
