"""What is not claimed comes back: at once by agreement, alone after the delay."""

from dataclasses import replace

import pytest

from tests.contracts.channels import (
    DELAY,
    DEPOSIT,
    Channel,
    authorization,
    batch_signature,
    claim,
    deposit,
    held,
    names,
)
from tests.contracts.signing import malleable
from tests.contracts.world import (
    ANN,
    AUTHORIZER,
    BOB,
    CLD,
    COLLECTOR,
    RELAYER,
    SESSION,
    STRANGER,
    World,
)

pytestmark = pytest.mark.chain


def test_the_receivers_side_gives_back_what_is_not_claimed(there: World, channel: Channel) -> None:
    claim(there, channel.line(3 * CLD))
    with there.channels.refuses("NotAllowed"):
        there.channels.send(ANN.address, "refund", channel.config, CLD)
    there.channels.send(AUTHORIZER.address, "refund", channel.config, CLD)
    assert held(there, channel) == (9 * CLD, 3 * CLD)
    assert there.balance(ANN.address) == 11 * CLD
    there.channels.send(AUTHORIZER.address, "refund", channel.config, 100 * CLD)
    assert held(there, channel) == (3 * CLD, 3 * CLD)
    assert there.balance(ANN.address) == 17 * CLD
    with there.channels.refuses("NoAmount"):
        there.channels.send(AUTHORIZER.address, "refund", channel.config, 0)


def test_a_signed_refund_is_carried_by_anybody_once(there: World, channel: Channel) -> None:
    signature = channel.refund(4 * CLD, 0)
    words = (channel.config, 4 * CLD, 0, signature)
    for other in (ANN, SESSION, STRANGER):
        with there.channels.refuses("BadSignature"):
            forged = channel.refund(4 * CLD, 0, by=other)
            there.channels.send(RELAYER, "refundWithSignature", *words[:3], forged)
    for other_form in malleable(signature).values():
        with there.channels.refuses("BadSignature"):
            there.channels.send(RELAYER, "refundWithSignature", *words[:3], other_form)
    with there.channels.refuses("BadSignature"):
        there.channels.send(RELAYER, "refundWithSignature", channel.config, 5 * CLD, 0, signature)
    there.channels.send(RELAYER, "refundWithSignature", *words)
    assert there.balance(ANN.address) == 14 * CLD
    with there.channels.refuses("WrongNonce"):
        there.channels.send(RELAYER, "refundWithSignature", *words)
    assert there.channels.ask("refundNonce", channel.id) == 1


def test_a_refund_voids_those_signed_before_even_if_nothing_was_left(
    there: World, channel: Channel
) -> None:
    claim(there, channel.line(DEPOSIT))
    early = channel.refund(CLD, 0)
    ran = there.channels.send(AUTHORIZER.address, "refund", channel.config, CLD)
    assert there.channels.events(ran) == []
    assert there.channels.ask("refundNonce", channel.id) == 1
    with there.channels.refuses("WrongNonce"):
        there.channels.send(RELAYER, "refundWithSignature", channel.config, CLD, 0, early)


def test_claim_and_refund_go_as_one(there: World, channel: Channel) -> None:
    lines = [channel.line(3 * CLD)]
    signed = batch_signature(there, lines, AUTHORIZER)
    claim = there.channels.data("claimWithSignature", lines, signed)
    refund = ("refundWithSignature", channel.config, 7 * CLD, 0, channel.refund(7 * CLD, 0))
    there.channels.send(RELAYER, "multicall", [claim, there.channels.data(*refund)])
    assert held(there, channel) == (3 * CLD, 3 * CLD)
    assert there.balance(ANN.address) == 17 * CLD
    settle = there.channels.data("settle", channel.receiver, channel.token)
    with there.channels.refuses("WrongNonce"):  # the second fails, so the first did not happen
        there.channels.send(RELAYER, "multicall", [settle, there.channels.data(*refund)])


def test_the_payer_takes_back_alone_after_the_delay(there: World, channel: Channel) -> None:
    with there.channels.refuses("NoWithdrawal"):
        there.channels.send(ANN.address, "finalizeWithdraw", channel.config)
    ran = there.channels.send(SESSION.address, "initiateWithdraw", channel.config, 8 * CLD)
    (begun,) = there.channels.events(ran)
    assert begun.arguments["finalizableAt"] == there.machine.now + DELAY
    assert there.channels.ask("pendingWithdrawals", channel.id) == (8 * CLD, there.machine.now)
    claim(there, channel.line(3 * CLD))  # the receiver still can
    there.machine.wait(DELAY - 1)
    with there.channels.refuses("TooEarly"):
        there.channels.send(ANN.address, "finalizeWithdraw", channel.config)
    there.machine.wait(1)
    ran = there.channels.send(ANN.address, "finalizeWithdraw", channel.config)
    assert there.balance(ANN.address) == 17 * CLD
    assert held(there, channel) == (3 * CLD, 3 * CLD)
    assert there.channels.ask("pendingWithdrawals", channel.id) == (0, 0)
    with there.channels.refuses("NoWithdrawal"):
        there.channels.send(ANN.address, "finalizeWithdraw", channel.config)
    with there.channels.refuses("AboveBalance"):  # a voucher that was not claimed in time
        claim(there, channel.line(4 * CLD))


def test_only_the_payers_side_takes_back_and_only_what_is_there(
    there: World, channel: Channel
) -> None:
    for other in (STRANGER, AUTHORIZER, BOB):
        with there.channels.refuses("NotAllowed"):
            there.channels.send(other.address, "initiateWithdraw", channel.config, CLD)
    with there.channels.refuses("NoAmount"):
        there.channels.send(ANN.address, "initiateWithdraw", channel.config, 0)
    claim(there, channel.line(CLD))
    with there.channels.refuses("AboveBalance"):
        there.channels.send(ANN.address, "initiateWithdraw", channel.config, 9 * CLD + 1)
    there.channels.send(ANN.address, "initiateWithdraw", channel.config, 9 * CLD)
    # or a stolen session key could start the delay anew for ever
    with there.channels.refuses("WithdrawalPending"):
        there.channels.send(SESSION.address, "initiateWithdraw", channel.config, 1)
    there.machine.wait(DELAY)
    with there.channels.refuses("NotAllowed"):
        there.channels.send(RELAYER, "finalizeWithdraw", channel.config)


def test_a_refund_counts_against_a_running_withdrawal(there: World, channel: Channel) -> None:
    began = there.machine.now
    there.channels.send(ANN.address, "initiateWithdraw", channel.config, 5 * CLD)
    there.channels.send(AUTHORIZER.address, "refund", channel.config, 2 * CLD)
    assert there.channels.ask("pendingWithdrawals", channel.id) == (3 * CLD, began)
    there.channels.send(AUTHORIZER.address, "refund", channel.config, 3 * CLD)
    assert there.channels.ask("pendingWithdrawals", channel.id) == (0, 0)


def test_a_channel_given_back_whole_is_closed_and_may_open_again(
    there: World, channel: Channel
) -> None:
    ran = there.channels.send(AUTHORIZER.address, "refund", channel.config, DEPOSIT)
    assert names(there, ran) == ["Refunded", "ChannelClosed"]
    data = authorization(channel, CLD, 1)
    ran = there.channels.send(RELAYER, "deposit", channel.config, CLD, COLLECTOR, data)
    assert names(there, ran) == ["ChannelCreated", "Deposited"]


def test_channels_of_one_payer_and_of_others_are_apart(there: World, channel: Channel) -> None:
    others = [channel.again(1), replace(channel, payer=BOB)]
    for other in others:
        deposit(there, other, CLD, 0, RELAYER)
    there.channels.send(AUTHORIZER.address, "refund", channel.config, DEPOSIT)
    assert [held(there, other) for other in others] == [(CLD, 0), (CLD, 0)]
