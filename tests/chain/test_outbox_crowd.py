"""Several pumps at once on a database that really commits: no nonce twice, nothing left behind."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tests.chain import asking
from tests.chains.deployed import OPENING_EPOCHS
from tests.chains.servers import TestChain
from tests.cloudcoin.conftest import shared_books
from wetube.chain import contracts, events, founding, outbox, planning, reading, signing
from wetube.chain.models import ChainEvent, ChainTx, SignedTx

__all__ = ["shared_books"]

pytestmark = pytest.mark.chain

HANDS, PAYMENTS = 4, 24


def together(work: Callable[[], object], until: Callable[[], bool]) -> list[BaseException]:
    """Many hands do the same work again and again until it is done; what any of them raised."""
    raised: list[BaseException] = []
    deadline = time.monotonic() + 60

    def hand() -> None:
        try:
            while not until() and time.monotonic() < deadline:
                work()
        except BaseException as error:  # noqa: BLE001 - shown by the test
            raised.append(error)
        finally:
            connection.close()

    hands = [threading.Thread(target=hand) for _ in range(HANDS)]
    for thread in hands:
        thread.start()
    for thread in hands:
        thread.join()
    return raised


@pytest.mark.parametrize("claim_seconds", [5, 0])
def test_pumps_at_once_pay_each_once(
    on_chain: TestChain,
    shared_books: None,
    monkeypatch: pytest.MonkeyPatch,
    claim_seconds: int,
) -> None:
    """Also when no claim keeps them apart, and only the nonce does."""
    wishes = planning.Wishes(opening_epochs=OPENING_EPOCHS)
    founding.found(wishes, lambda _said: None)
    monkeypatch.setattr(signing, "CLAIM", timedelta(seconds=claim_seconds))
    before, somebody = asking.sent_by("relayer"), asking.stranger()
    for number in range(PAYMENTS):
        asking.give(somebody, intent=f"test:{number}")

    raised = together(outbox.pump, lambda: not ChainTx.objects.pending().exists())

    assert raised == []
    assert set(ChainTx.objects.values_list("state", flat=True)) == {"final"}
    assert reading.gas_money(somebody) == 7 * PAYMENTS
    assert asking.sent_by("relayer") == before + PAYMENTS
    assert SignedTx.objects.filter(tx__intent__startswith="test:").count() == PAYMENTS


def test_readers_at_once_keep_each_event_once(on_chain: TestChain, shared_books: None) -> None:
    wishes = planning.Wishes(opening_epochs=OPENING_EPOCHS)
    founding.found(wishes, lambda _said: None)
    on_chain.mine(5)

    raised = together(events.sync, lambda: ChainEvent.objects.settled().count() >= 3)

    assert raised == []
    assert ChainEvent.objects.count() == 3


def test_several_inits_at_once_found_one_coin(on_chain: TestChain, shared_books: None) -> None:
    wishes = planning.Wishes(opening_epochs=OPENING_EPOCHS)
    founded: list[str] = []

    def found() -> None:
        founded.append(founding.found(wishes, lambda _said: None).token)

    raised = together(found, lambda: len(founded) >= HANDS)

    assert raised == []
    assert len(set(founded)) == 1
    assert ChainTx.objects.filter(intent__startswith="deploy:").count() == 3
    assert set(ChainTx.objects.values_list("state", flat=True)) == {"final"}
    opening = OPENING_EPOCHS * 50 * 10**8
    assert reading.call(contracts.TOKEN, "totalSupply") == opening
