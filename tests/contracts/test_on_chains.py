"""The whole way of coin, on our own chain and on anvil: minted, locked, earned, paid out."""

import pytest

from tests.contracts.channels import (
    DELAY,
    Channel,
    anns_channel,
    batch_signature,
    claim_signed,
    deposit,
    earned,
    held,
    names,
)
from tests.contracts.funded import FUND, funded
from tests.contracts.signing import malleable
from tests.contracts.trees import payout_tree
from tests.contracts.world import (
    ANN,
    AUTHORIZER,
    CLD,
    MAKER,
    PEOPLE,
    POSTER,
    RELAYER,
    World,
)

pytestmark = pytest.mark.chain

CREATOR, NODE = PEOPLE[4].address, PEOPLE[5].address


def test_a_viewers_coin_reaches_those_who_earned_it(far: World) -> None:
    channel = anns_channel(far)
    deposit(far, channel, 10 * CLD, 0, RELAYER)
    lines = [channel.line(3 * CLD)]
    ran = claim_signed(far, lines, batch_signature(far, lines, AUTHORIZER))
    assert names(far, ran) == ["Claimed"]
    assert held(far, channel) == (10 * CLD, 3 * CLD)
    ran = far.channels.send(RELAYER, "settle", far.vault.address, far.coin.address)
    assert far.channels.events(ran)[0].arguments["amount"] == 3 * CLD
    assert earned(far, channel) == (3 * CLD, 3 * CLD)

    shares = {CREATOR: 21 * CLD // 10, NODE: 9 * CLD // 10}
    before = {who: far.balance(who) for who in shares}
    tree = payout_tree(shares)
    far.vault.send(POSTER.address, "post", 1, tree.root, tree.total)
    words = [[*shares], [*shares.values()], [tree.proofs[who] for who in shares]]
    far.vault.send(RELAYER, "claimMany", *words)
    assert {who: far.balance(who) - before[who] for who in shares} == shares
    assert far.balance(far.vault.address) == 0
    with far.vault.refuses("Uncovered"):
        far.vault.send(POSTER.address, "post", 2, tree.root, tree.total + 1)

    words = [channel.config, 5 * CLD, 0, channel.refund(5 * CLD, 0)]
    far.channels.send(RELAYER, "refundWithSignature", *words)
    far.channels.send(ANN.address, "initiateWithdraw", channel.config, 2 * CLD)
    with far.channels.refuses("TooEarly"):
        far.channels.send(ANN.address, "finalizeWithdraw", channel.config)
    far.machine.wait(DELAY)
    far.channels.send(ANN.address, "finalizeWithdraw", channel.config)
    assert far.balance(ANN.address) == 17 * CLD
    assert held(far, channel) == (3 * CLD, 3 * CLD)
    assert far.coin.ask("totalSupply") == far.mint.ask("minted") == FUND


def test_refusals_are_the_same_and_nothing_moves(far: World) -> None:
    channel = anns_channel(far)
    deposit(far, channel, 10 * CLD, 0, RELAYER)
    with far.channels.refuses("ERC3009UsedAuthorization"):
        deposit(far, channel, 10 * CLD, 0, RELAYER)
    for form in malleable(channel.voucher(CLD)).values():
        line = ((channel.config, CLD), form, CLD)
        with far.channels.refuses("BadSignature"):
            claim_signed(far, [line], batch_signature(far, [line], AUTHORIZER))
    lines = [channel.line(11 * CLD)]
    with far.channels.refuses("AboveBalance"):
        claim_signed(far, lines, batch_signature(far, lines, AUTHORIZER))
    with far.vault.refuses("NotPoster"):
        far.vault.send(RELAYER, "post", 1, bytes(32), 0)
    with far.coin.refuses("NotMinter"):
        far.coin.send(MAKER.address, "mint", MAKER.address, 1)
    assert held(far, channel) == (10 * CLD, 0)


def test_what_it_costs_is_the_same_everywhere(far: World) -> None:
    """Gas to the unit, so that the bench's figures are those of a real chain."""
    near = funded(FUND)
    near.give(ANN.address, 20 * CLD)
    costs = [_deposit_and_claim(there, anns_channel(there)) for there in (far, near)]
    assert costs[0] == pytest.approx(costs[1], abs=200)  # addresses and digests differ in zeros


def _deposit_and_claim(there: World, channel: Channel) -> list[int]:
    opened = deposit(there, channel, 10 * CLD, 0, RELAYER)
    lines = [channel.line(3 * CLD)]
    claimed = claim_signed(there, lines, batch_signature(there, lines, AUTHORIZER))
    return [opened, claimed.gas]
