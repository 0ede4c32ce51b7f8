"""The chain takes blocks back: what we read in them is marked, and what comes instead is new."""

from datetime import timedelta

import pytest

from tests.chain import asking
from tests.chains.servers import TestChain
from wetube.chain import events, outbox, sending
from wetube.chain.models import ChainEvent, Deployment, SeenBlock

pytestmark = pytest.mark.chain


def test_what_the_chain_takes_back_is_marked_and_what_it_does_instead_is_new(
    deployed: Deployment, on_chain: TestChain
) -> None:
    events.sync()
    snapshot = on_chain.snapshot()
    asking.pay_out()
    events.sync()
    gone = ChainEvent.objects.get(name="Paid")
    before = ChainEvent.objects.standing().exclude(block_number__gte=gone.block_number - 1)
    kept = set(before.values_list("pk", flat=True))

    on_chain.revert(snapshot)
    on_chain.mine()
    assert events.sync() > 0
    gone.refresh_from_db()
    assert (gone.canonical, asking.paid()) == (False, 0)
    assert set(ChainEvent.objects.standing().values_list("pk", flat=True)) == kept


def test_what_the_outbox_sends_again_is_another_row_of_the_same_transaction(
    deployed: Deployment, on_chain: TestChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken back after it was called final: the next time its sender sends, it goes along."""
    monkeypatch.setattr(sending, "SEND_AGAIN_AFTER", timedelta(0))
    events.sync()
    snapshot = on_chain.snapshot()
    asking.pay_out()
    events.sync()
    first = ChainEvent.objects.get(name="Paid")
    on_chain.revert(snapshot)
    on_chain.mine()
    asking.approve(1)
    asking.give(asking.stranger())
    for intent in ("test:approve", "test:give"):
        assert outbox.wait(intent, 20).state == "final"
    events.sync()

    again = ChainEvent.objects.settled().get(name="Paid")
    first.refresh_from_db()
    assert (first.canonical, again.tx_hash, again.args) == (False, first.tx_hash, first.args)
    assert again.block_hash != first.block_hash


def test_a_chain_that_turned_while_nobody_looked_is_read_from_where_it_parted(
    deployed: Deployment, on_chain: TestChain
) -> None:
    snapshot = on_chain.snapshot()
    on_chain.mine(4)
    asking.pay_out()
    events.sync()
    assert asking.paid() == 1
    on_chain.revert(snapshot)
    on_chain.mine(12)

    events.sync()
    assert asking.paid() == 0
    newest = SeenBlock.objects.order_by("number").last()
    assert newest is not None
    assert newest.number == on_chain.number()
    for block in SeenBlock.objects.all():
        assert on_chain.rpc("eth_getBlockByNumber", hex(block.number), False)["hash"] == block.hash


def test_a_block_that_comes_back_brings_its_events_back(
    deployed: Deployment, on_chain: TestChain
) -> None:
    """The node showed another chain for a moment."""
    asking.pay_out()
    events.sync()
    rows = set(ChainEvent.objects.values_list("pk", flat=True))
    newest = SeenBlock.objects.order_by("number").last()
    assert newest is not None
    ChainEvent.objects.filter(block_number=newest.number).update(canonical=False)
    newest.delete()
    on_chain.mine()

    events.sync()
    assert set(ChainEvent.objects.standing().values_list("pk", flat=True)) == rows


def test_a_chain_taken_back_beyond_what_is_remembered_is_read_anew(
    deployed: Deployment, on_chain: TestChain
) -> None:
    events.sync()
    before = list(ChainEvent.objects.values_list())
    SeenBlock.objects.update(hash="0x" + "00" * 32)
    on_chain.mine()
    events.sync()
    assert list(ChainEvent.objects.values_list()) == before
    assert not SeenBlock.objects.filter(hash="0x" + "00" * 32).exists()


def test_a_node_that_is_behind_takes_nothing_back(
    deployed: Deployment, on_chain: TestChain
) -> None:
    events.sync()
    snapshot = on_chain.snapshot()
    on_chain.mine(2)
    events.sync()
    asking.pay_out()
    events.sync()
    on_chain.revert(snapshot)  # all it knows, we know

    assert events.sync() == 0
    assert asking.paid() == 1
    on_chain.mine(6)  # now it shows other blocks
    assert events.sync() > 0
    assert asking.paid() == 0
