"""Claims: the receiver gets what was signed and is there, by the word of who may say so."""

from dataclasses import replace

import pytest

from tests.contracts.channels import (
    DEPOSIT,
    Channel,
    anns_channel,
    batch_signature,
    claim,
    claim_signed,
    deposit,
    earned,
    held,
)
from tests.contracts.signing import malleable
from tests.contracts.wallets import accepting, refusing
from tests.contracts.world import (
    ANN,
    AUTHORIZER,
    BOB,
    CLD,
    RELAYER,
    SESSION,
    STRANGER,
    World,
)

pytestmark = pytest.mark.chain


def test_the_receivers_side_claims_and_anybody_settles(there: World, channel: Channel) -> None:
    claim(there, channel.line(3 * CLD))
    assert held(there, channel) == (DEPOSIT, 3 * CLD)
    assert earned(there, channel) == (3 * CLD, 0)
    assert there.balance(channel.receiver) == 0
    there.channels.send(AUTHORIZER.address, "claim", [channel.line(4 * CLD), channel.line(5 * CLD)])
    ran = there.channels.send(RELAYER, "settle", channel.receiver, channel.token)
    (settled,) = there.channels.events(ran)
    assert settled.arguments["amount"] == 5 * CLD == there.balance(channel.receiver)
    assert earned(there, channel) == (5 * CLD, 5 * CLD)
    again = there.channels.send(RELAYER, "settle", channel.receiver, channel.token)
    assert there.channels.events(again) == []
    assert there.balance(channel.receiver) == 5 * CLD


def test_a_claim_is_above_neither_its_voucher_nor_the_channel(
    there: World, channel: Channel
) -> None:
    with there.channels.refuses("AboveVoucher"):
        claim(there, channel.line(3 * CLD + 1, 3 * CLD))
    with there.channels.refuses("AboveBalance"):
        claim(there, channel.line(DEPOSIT + 1))
    claim(there, channel.line(DEPOSIT, DEPOSIT + 1))


def test_an_old_voucher_changes_nothing(there: World, channel: Channel) -> None:
    """So a batch may be sent twice."""
    claim(there, channel.line(3 * CLD))
    for again in (3 * CLD, 2 * CLD, 0):
        claim(there, channel.line(again))
        assert held(there, channel) == (DEPOSIT, 3 * CLD)
        assert earned(there, channel) == (3 * CLD, 0)


def test_a_voucher_is_signed_by_the_session_key_alone(there: World, channel: Channel) -> None:
    for other in (ANN, AUTHORIZER, STRANGER):
        with there.channels.refuses("BadSignature"):
            claim(there, channel.line(CLD, signature=channel.voucher(CLD, by=other)))
    for form, other_form in malleable(channel.voucher(CLD)).items():
        with there.channels.refuses("BadSignature"):
            claim(there, ((channel.config, CLD), other_form, CLD))
        assert held(there, channel) == (DEPOSIT, 0), form


def test_a_voucher_is_for_one_channel_and_one_amount(there: World, channel: Channel) -> None:
    bobs = replace(channel, payer=BOB)
    deposit(there, bobs, DEPOSIT, 0, RELAYER)
    with there.channels.refuses("BadSignature"):
        claim(there, bobs.line(CLD, signature=channel.voucher(CLD)))
    with there.channels.refuses("BadSignature"):
        claim(there, channel.line(2 * CLD, signature=channel.voucher(CLD)))


def test_without_a_session_key_the_payer_signs_by_key_or_by_code(there: World) -> None:
    plain = replace(anns_channel(there), session=None)
    deposit(there, plain, DEPOSIT, 0, RELAYER)
    with there.channels.refuses("BadSignature"):
        claim(there, plain.line(CLD, signature=plain.voucher(CLD, by=SESSION)))
    claim(there, plain.line(CLD))
    word = there.channels.ask("getVoucherDigest", plain.id, 2 * CLD)
    there.machine.put({ANN.address: accepting(word)})  # the payer has become a contract
    with there.channels.refuses("BadSignature"):
        claim(there, plain.line(3 * CLD))
    claim(there, ((plain.config, 2 * CLD), b"any word", 2 * CLD))
    assert held(there, plain) == (DEPOSIT, 2 * CLD)


def test_a_session_key_is_a_key_even_where_it_has_code(there: World, channel: Channel) -> None:
    there.machine.put({SESSION.address: accepting(bytes(32))})
    claim(there, channel.line(CLD))
    assert held(there, channel) == (DEPOSIT, CLD)


def test_strangers_claim_with_the_authorizers_signature_alone(
    there: World, channel: Channel
) -> None:
    lines = [channel.line(CLD)]
    with there.channels.refuses("NotAllowed"):
        there.channels.send(RELAYER, "claim", lines)
    for other in (ANN, SESSION, STRANGER):
        with there.channels.refuses("BadSignature"):
            claim_signed(there, lines, batch_signature(there, lines, other))
    good = batch_signature(there, lines, AUTHORIZER)
    for other_form in malleable(good).values():
        with there.channels.refuses("BadSignature"):
            claim_signed(there, lines, other_form)
    with there.channels.refuses("BadSignature"):
        claim_signed(there, [channel.line(CLD - 1, CLD)], good)
    claim_signed(there, lines, good)
    assert held(there, channel) == (DEPOSIT, CLD)


def test_a_batch_has_lines_of_one_authorizer(there: World, channel: Channel) -> None:
    foreign = replace(channel, authorizer=STRANGER, salt=1)
    deposit(there, foreign, CLD, 0, RELAYER)
    lines = [channel.line(CLD), foreign.line(CLD)]
    with there.channels.refuses("BadBatch"):
        claim_signed(there, lines, batch_signature(there, lines, AUTHORIZER))
    with there.channels.refuses("BadBatch"):
        claim_signed(there, [], AUTHORIZER.sign(bytes(32)))
    with there.channels.refuses("NotAllowed"):
        there.channels.send(AUTHORIZER.address, "claim", lines)


def test_one_bad_line_spoils_the_batch_and_moves_nothing(there: World, channel: Channel) -> None:
    lines = [channel.line(CLD), channel.again(1).line(CLD)]
    with there.channels.refuses("AboveBalance"):
        claim_signed(there, lines, batch_signature(there, lines, AUTHORIZER))


def test_an_authorizer_may_be_a_contract(there: World, channel: Channel) -> None:
    lines = [channel.line(CLD)]
    there.machine.put({AUTHORIZER.address: refusing()})
    with there.channels.refuses("BadSignature"):
        claim_signed(there, lines, batch_signature(there, lines, AUTHORIZER))
    word = there.channels.ask("getClaimBatchDigest", lines)
    there.machine.put({AUTHORIZER.address: accepting(word)})
    claim_signed(there, lines, b"")
    assert held(there, channel) == (DEPOSIT, CLD)
