"""The outbox: what is asked for once happens once, on both chains."""

import time

import pytest
from django.db import transaction

from tests.chain import asking
from tests.chains.servers import TestChain
from wetube.chain import abi, contracts, deployment, keys, outbox, reading
from wetube.chain.merkle import Tree
from wetube.chain.models import ChainTx, Deployment, Sender, SignedTx

pytestmark = pytest.mark.chain


def test_a_call_is_signed_sent_and_followed_to_its_end(deployed: Deployment) -> None:
    asked = asking.approve(5)
    assert (asked.state, SignedTx.objects.filter(tx=asked).count()) == ("built", 0)

    done = outbox.wait(asked.intent, 20)

    assert (done.state, done.succeeded, asking.allowance()) == ("final", True, 5)
    assert done.block_number is not None
    assert done.gas_used
    assert done.hash == SignedTx.objects.get(tx=done).hash


def test_asked_twice_it_happens_once(deployed: Deployment) -> None:
    before, somebody = asking.sent_by("relayer"), asking.stranger()
    first = asking.give(somebody)
    outbox.wait(first.intent, 20)
    again = asking.give(somebody)
    outbox.pump()

    assert again == first
    assert asking.sent_by("relayer") == before + 1
    assert reading.gas_money(somebody) == 7


def test_another_call_under_the_same_name_is_refused(deployed: Deployment) -> None:
    asking.approve(5)
    with pytest.raises(outbox.IntentChanged):
        asking.approve(6)
    assert asking.now("test:approve").args == [keys.address("relayer"), 5]


def test_what_is_asked_in_a_transaction_that_fails_was_never_asked(deployed: Deployment) -> None:
    with transaction.atomic():
        asking.approve(5)
        transaction.set_rollback(True)
    assert not ChainTx.objects.filter(intent="test:approve").exists()


def test_a_call_the_contract_refuses_is_not_sent_and_says_why(deployed: Deployment) -> None:
    before, somebody = asking.sent_by("poster"), asking.stranger()
    asking.transfer(9, to=somebody)

    done = outbox.wait("test:transfer", 20)

    poster = keys.address("poster")
    assert done.state == "failed"
    assert done.error == f"ERC20InsufficientBalance({poster}, 0, 9)"
    assert asking.sent_by("poster") == before
    assert not done.signed.exists()


def test_a_call_refused_in_its_block_fails_with_the_contracts_reason(deployed: Deployment) -> None:
    before = asking.sent_by("poster")
    asking.transfer(9, to=asking.stranger(), gas=100_000)

    done = outbox.wait("test:transfer", 20)

    assert (done.state, done.succeeded) == ("failed", False)
    assert done.error == f"ERC20InsufficientBalance({keys.address('poster')}, 0, 9)"
    assert asking.sent_by("poster") == before + 1


def test_too_little_gas_is_named(deployed: Deployment) -> None:
    asking.call("poster", contracts.TOKEN, "approve", [asking.stranger(), 5], gas=22_500)
    done = outbox.wait("test:approve", 20)
    assert (done.state, done.error) == ("failed", "It ran out of gas.")


def test_what_hangs_on_an_earlier_call_waits_for_it(deployed: Deployment) -> None:
    """A payout can be claimed once its root is posted, which is another role's work."""
    somebody = asking.stranger()
    tree = Tree([(somebody, 9)])
    hidden = keys.key_file("poster").rename(keys.key_file("poster").with_suffix(".away"))
    asking.call("poster", contracts.VAULT, "post", [1, tree.root, 9])
    asking.call("relayer", contracts.VAULT, "claim", [somebody, 9, []])

    outbox.pump()
    waiting = asking.now("test:claim")
    assert (waiting.state, waiting.error) == ("built", "Waits: WrongProof()")

    hidden.rename(keys.key_file("poster"))
    assert outbox.wait("test:claim", 20).state == "final"
    assert reading.balance(somebody) == 9


def test_many_are_sent_in_order_some_at_a_time(deployed: Deployment) -> None:
    before, somebody = asking.sent_by("relayer"), asking.stranger()
    rows = [asking.give(somebody, intent=f"test:{number}") for number in range(20)]
    done = [outbox.wait(row.intent, 30) for row in rows]
    assert [row.nonce for row in done] == list(range(before, before + 20))
    assert reading.gas_money(somebody) == 20 * 7


def test_an_unknown_function_is_refused_when_it_is_asked_for(deployed: Deployment) -> None:
    with pytest.raises(abi.NoSuchCall):
        outbox.put("x", role="poster", contract=contracts.TOKEN, function="steal", args=[])
    assert not ChainTx.objects.filter(intent="x").exists()


def test_without_a_deployment_nothing_can_be_asked(db: None) -> None:
    with pytest.raises(deployment.NoDeployment):
        outbox.put("x", role="poster", contract=contracts.TOKEN, function="approve", args=["0x", 1])
    assert not ChainTx.objects.exists()


def test_a_role_without_a_key_waits_and_holds_up_nobody(deployed: Deployment) -> None:
    keys.key_file("poster").unlink()
    asking.approve(5)
    asking.give(asking.stranger())

    assert outbox.wait("test:give", 20).state == "final"
    assert asking.now("test:approve").state == "built"


def test_many_that_wait_for_somebody_hold_up_nobody(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wetube.chain import signing

    monkeypatch.setattr(signing, "WINDOW", 2)
    keys.key_file("poster").unlink()
    asking.approve(5)
    for number in range(3):
        args = [keys.address("witness"), asking.stranger(), 1]
        outbox.put(
            f"test:later:{number}",
            role="relayer",
            contract=contracts.TOKEN,
            function="transferFrom",
            args=args,
        )
    asking.give(asking.stranger())
    assert outbox.wait("test:give", 20).state == "final"
    assert asking.now("test:later:0").state == "built"


def test_what_an_exchanged_key_has_sent_is_followed_to_its_end(
    deployed: Deployment, on_chain: TestChain
) -> None:
    Deployment.objects.update(confirmations=3)
    before = asking.approve(5)
    outbox.pump()
    keys.key_file("poster").unlink()
    keys.create("poster")
    on_chain.mine(3)

    done = outbox.wait(before.intent, 20)
    assert (done.state, done.sender != keys.address("poster")) == ("final", True)


def test_two_pumps_at_once_sign_each_row_once(
    deployed: Deployment, on_chain: TestChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second runs while the first, whose claim has run out, holds what it has read."""
    from datetime import timedelta

    from wetube.chain import fees, signing

    before, somebody = asking.sent_by("relayer"), asking.stranger()
    monkeypatch.setattr(signing, "CLAIM", timedelta(0))
    price, calls = fees.current, []

    def slow() -> fees.Fee:
        calls.append(1)
        if len(calls) == 1:
            outbox.pump()
        return price()

    monkeypatch.setattr(fees, "current", slow)
    rows = [asking.give(somebody, intent=f"test:{number}") for number in range(3)]
    outbox.pump()

    assert {asking.now(row.intent).state for row in rows} == {"final"}
    assert SignedTx.objects.filter(tx__in=rows).count() == 3
    assert asking.sent_by("relayer") == before + 3
    assert reading.gas_money(somebody) == 21


def test_while_one_pump_signs_another_leaves_the_sender_alone(
    deployed: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import timezone

    from wetube.chain import signing

    sender = Sender.objects.get(address=keys.address("relayer"))
    assert Sender.objects.claim(sender.pk, until=timezone.now() + signing.CLAIM)
    asking.give(asking.stranger())

    outbox.pump()
    assert asking.now("test:give").state == "built"

    Sender.objects.filter(pk=sender.pk).update(claimed_until=timezone.now())
    assert outbox.wait("test:give", 20).state == "final"


def test_an_idle_pump_costs_one_query_and_no_question(
    deployed: Deployment,
    django_assert_num_queries: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from wetube.chain import rpc

    def nobody(*_: object) -> None:
        raise AssertionError("asked the chain for nothing")

    monkeypatch.setattr(rpc, "ask", nobody)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert outbox.pump() == 0


def test_a_chain_without_a_base_fee_is_sent_the_older_kind(
    deployed: Deployment, on_chain: TestChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wetube.chain import fees

    price = on_chain.fee()
    monkeypatch.setattr(fees, "current", lambda: fees.Fee(price, legacy=True))
    asking.approve(5)
    done = outbox.wait("test:approve", 20)

    assert (done.state, asking.allowance()) == ("final", 5)
    sent = on_chain.rpc("eth_getTransactionByHash", done.hash)
    assert (int(sent["type"], 16), int(sent["gasPrice"], 16)) == (0, price)


def test_waiting_ends(deployed: Deployment) -> None:
    keys.key_file("poster").unlink()
    asking.approve(5)
    began = time.monotonic()
    with pytest.raises(outbox.StillPending):
        outbox.wait("test:approve", 0.5)
    assert time.monotonic() - began < 3
