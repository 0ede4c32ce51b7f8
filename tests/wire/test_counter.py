"""The counter takes what pays, once, and refuses everything else by name, moving nothing."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from tests.cloudcoin import make
from tests.wire.desk import COIN, PRICE, Desk, Reply, packed
from wetube.cloudcoin import escrows, invariants, refunds, till
from wetube.cloudcoin.models import Charge, Tab

pytestmark = pytest.mark.django_db

MISMATCH = "invalid_batch_settlement_evm_cumulative_amount_mismatch"


def test_without_payment_the_price_is_said(desk: Desk) -> None:
    answer = desk.ask()

    assert answer.status == 402
    assert answer.said["error"] == "payment_needed"
    accepts = {each["scheme"]: each for each in answer.required["accepts"]}
    assert set(accepts) == {"batch-settlement", "exact"}
    assert {each["amount"] for each in accepts.values()} == {str(PRICE)}
    assert accepts["batch-settlement"]["payTo"] == desk.terms.vault


def test_a_voucher_buys_and_is_kept(desk: Desk) -> None:
    answer = desk.view(1)

    charge = Charge.objects.get()
    assert answer.status == 200
    assert answer.said["grant"] == f"for {charge.key}"
    assert answer.said["receipt"]["amount"] == str(PRICE)
    assert answer.paid["extra"]["chargedAmount"] == str(PRICE)
    assert answer.paid["extra"]["channelState"]["chargedCumulativeAmount"] == str(PRICE)
    assert (desk.escrow.signed, bytes(desk.escrow.signature)) == (PRICE, desk.sign(PRICE))
    assert invariants.check() == []


def test_the_same_voucher_again_is_the_same_purchase(desk: Desk) -> None:
    first = desk.view(1)

    assert desk.view(1).said == first.said
    desk.view(2)
    assert desk.view(1).said == first.said
    assert Charge.objects.count() == 2


def test_a_voucher_spent_on_one_film_buys_no_other(desk: Desk) -> None:
    desk.view(1)
    before = make.books()

    answer = desk.view(1, path="videos/b")

    assert (answer.status, answer.said["error"]) == (402, "count_mismatch")
    assert make.books() == before


def test_who_lost_count_is_told_it(desk: Desk) -> None:
    for number in (1, 2, 3):
        desk.view(number)

    answer = desk.ask(desk.payment(9 * PRICE))

    extra = answer.required["accepts"][0]["extra"]
    assert answer.required["error"] == answer.said["reason"] == MISMATCH
    assert extra["channelState"]["chargedCumulativeAmount"] == str(3 * PRICE)
    assert extra["channelState"]["balance"] == str(COIN)
    assert extra["voucherState"] == {
        "signedMaxClaimable": str(3 * PRICE),
        "signature": f"0x{desk.sign(3 * PRICE).hex()}",
    }


def test_after_a_refund_the_next_voucher_asks_for_less(desk: Desk) -> None:
    desk.view(1)
    desk.view(2)
    refunds.refund(Charge.objects.latest("pk"), reason="It did not play.")

    answer = desk.view(2, path="videos/b")

    assert answer.status == 200
    tab = Tab.objects.get(pk=desk.escrow.tab_id)
    assert (tab.charged, tab.refunded, desk.escrow.signed) == (3 * PRICE, PRICE, 2 * PRICE)
    assert invariants.check() == []


def test_a_voucher_over_the_deposit_is_refused(desk: Desk) -> None:
    escrows.withdrawn(desk.escrow, amount=COIN - 2 * PRICE, reference="out")
    for number in (1, 2):
        assert desk.view(number).status == 200
    before = make.books()

    answer = desk.view(3)

    assert (answer.status, answer.said["error"]) == (402, "over_deposit")
    assert make.books() == before


def test_caps_hold_for_signed_tabs_too(desk: Desk) -> None:
    Tab.objects.filter(pk=desk.escrow.tab_id).update(per_view_cap=PRICE - 1)
    before = make.books()

    answer = desk.view(1)

    assert (answer.status, answer.said["error"]) == (403, "over_cap")
    assert make.books() == before


def test_coin_that_is_taken_back_pays_nothing(desk: Desk) -> None:
    desk.view(1)
    escrows.freeze(desk.escrow, withdraw_at=timezone.now())
    before = make.books()

    answer = desk.view(2)

    assert (answer.status, answer.said["error"]) == (409, "channel_frozen")
    assert make.books() == before
    assert desk.view(1).status == 200  # what is paid is paid


def test_unconfirmed_coin_pays_up_to_a_bound(desk: Desk, settings: Any) -> None:
    settings.UNCONFIRMED_EXPOSURE = 2 * PRICE
    escrows.withdrawn(desk.escrow, amount=COIN, reference="out")
    escrows.deposit_seen(desk.escrow, amount=COIN, reference="deposit:0x02:0")

    answers = [desk.view(number) for number in (1, 2, 3)]

    assert [answer.status for answer in answers] == [200, 200, 402]
    escrows.deposit_final(desk.escrow, amount=COIN, reference="deposit:0x02:0")
    assert desk.view(3).status == 200


def test_nobody_pays_themselves(desk: Desk) -> None:
    escrows.adopt(desk.escrow, desk.payee)
    before = make.books()

    answer = desk.view(1)

    assert (answer.status, answer.said["error"]) == (403, "own_goods")
    assert make.books() == before


def deposit(desk: Desk) -> dict[str, Any]:
    payment = desk.payment(PRICE)
    authorization = {
        "validAfter": "0",
        "validBefore": "9999999999",
        "salt": "0x" + "01" * 32,
        "signature": f"0x{desk.sign(1).hex()}",
    }
    payment["payload"] |= {
        "type": "deposit",
        "deposit": {
            "amount": str(10 * PRICE),
            "authorization": {"erc3009Authorization": authorization},
        },
    }
    return payment


def refund(desk: Desk) -> dict[str, Any]:
    payment = desk.payment(0)
    payment["payload"]["type"] = "refund"
    return payment


@pytest.mark.parametrize("asked", [deposit, refund])
def test_while_the_chain_is_away_vouchers_go_on(
    busy_desk: Desk, asked: Callable[[Desk], dict[str, Any]]
) -> None:
    import_module("wetube.wire.giving_back")  # so that nobody waits for the library
    before = make.books()

    answer = busy_desk.ask(asked(busy_desk))

    assert (answer.status, answer.said["error"]) == (503, "chain_unreachable")
    assert make.books() == before
    assert busy_desk.view(1).status == 200


def test_a_voucher_sent_many_times_at_once_pays_once(busy_desk: Desk) -> None:
    payment = busy_desk.payment(PRICE)

    async def crowd() -> list[Reply]:
        return await asyncio.gather(*(busy_desk.asking(payment) for _ in range(20)))

    answers = async_to_sync(crowd)()

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert Charge.objects.count() == 1


def test_a_full_disk_is_said_and_nothing_charged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    class Full:
        async def submit(self, order: object) -> None:
            raise OperationalError("database or disk is full")

    before = make.books()
    with monkeypatch.context() as patch:
        patch.setattr(till, "_flusher", Full())
        answer = desk.view(1)
    assert (answer.status, answer.said["error"]) == (503, "books_unavailable")
    assert answer.headers["Retry-After"]
    assert make.books() == before


def test_nothing_is_sold_elsewhere(desk: Desk) -> None:
    answer = desk.ask(packed({}), path="videos/unknown")

    assert (answer.status, answer.said["error"]) == (404, "not_for_sale")
