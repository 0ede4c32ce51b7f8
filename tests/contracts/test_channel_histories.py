"""Whatever happens to channels: claimed ≤ signed and ≤ deposited, and every drop is someone's."""

from dataclasses import dataclass, field, replace
from functools import cache

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.contracts.channels import (
    DELAY,
    Channel,
    Line,
    anns_channel,
    authorization,
    batch_signature,
    earned,
    held,
)
from tests.contracts.contract import Contract
from tests.contracts.funded import funded
from tests.contracts.histories import SOME, amounts, attempt
from tests.contracts.machine import Machine, Saved
from tests.contracts.signing import Person
from tests.contracts.world import ANN, AUTHORIZER, BOB, CLD, COLLECTOR, RELAYER, STRANGER, World

pytestmark = pytest.mark.chain

PAYERS = (ANN, BOB)
BEGINNING = 20 * CLD  # what each payer has
CHANNELS = 3

which = st.integers(0, CHANNELS - 1)


@dataclass
class Story:
    """What should be on the chain of one channel; `signed` is the highest voucher ever signed."""

    channel: Channel
    balance: int = 0
    claimed: int = 0
    signed: int = 0
    asked_back: int = 0
    asked_at: int = 0
    nonce: int = 0
    salts: set[int] = field(default_factory=set)

    @property
    def free(self) -> int:
        return self.balance - self.claimed

    def give_back(self, asked: int) -> int:
        """By refund: how much goes, at most what is free."""
        amount = min(asked, self.free)
        self.balance -= amount
        self.nonce += 1
        self.asked_back = max(self.asked_back - amount, 0)
        self.asked_at = self.asked_at if self.asked_back else 0
        return amount


@cache
def _deployed() -> tuple[Saved, tuple[tuple[str, bytes], ...]]:
    world = funded(1000 * CLD)
    for payer in PAYERS:
        world.give(payer.address, BEGINNING)
    parts = [getattr(world, name) for name in World.__dataclass_fields__ if name != "machine"]
    return world.machine.save(), tuple((part.name, part.address) for part in parts)


class ChannelHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        saved, places = _deployed()
        machine = Machine(saved)
        self.world = World(machine, *(Contract(machine, *place) for place in places))
        first = anns_channel(self.world)
        others = (first.again(1), replace(first, payer=BOB))
        self.stories = [Story(channel) for channel in (first, *others)]
        self.purse = {payer.address: BEGINNING for payer in PAYERS}
        self.settled = 0

    @rule(number=which, amount=amounts, salt=st.integers(0, 4))
    def deposit(self, number: int, amount: int, salt: int) -> None:
        """Often with an authorisation that was used before."""
        story = self.stories[number]
        payer = story.channel.payer.address
        error = None
        if amount == 0:
            error = "NoAmount"
        elif salt in story.salts:
            error = "ERC3009UsedAuthorization"
        elif amount > self.purse[payer]:
            error = "ERC20InsufficientBalance"
        data = authorization(story.channel, amount, salt)
        words = (story.channel.config, amount, COLLECTOR, data)
        if attempt(self.world.channels, error, RELAYER, "deposit", *words):
            story.salts.add(salt)
            story.balance += amount
            self.purse[payer] -= amount

    @rule(
        wanted=st.lists(st.tuples(which, amounts, amounts), min_size=1, max_size=4),
        hand=st.sampled_from([None, None, None, STRANGER, ANN]),
    )
    def claim(self, wanted: list[tuple[int, int, int]], hand: Person | None) -> None:
        """Some lines are old, some above their voucher or the channel, some by another's hand."""
        lines = [self._line(*line, hand) for line in wanted]
        error, claimed = self._claiming(wanted, forged=hand is not None)
        signature = batch_signature(self.world, lines, AUTHORIZER)
        words = (lines, signature)
        if attempt(self.world.channels, error, RELAYER, "claimWithSignature", *words):
            for story, total in zip(self.stories, claimed, strict=True):
                story.claimed = total

    def _line(self, number: int, total: int, most: int, hand: Person | None) -> Line:
        story = self.stories[number]
        if hand is None:
            story.signed = max(story.signed, most)
        return story.channel.line(total, most, story.channel.voucher(most, by=hand))

    def _claiming(
        self, wanted: list[tuple[int, int, int]], *, forged: bool
    ) -> tuple[str | None, list[int]]:
        claimed = [story.claimed for story in self.stories]
        for number, total, most in wanted:
            if total <= claimed[number]:
                continue
            if total > most:
                return "AboveVoucher", claimed
            if forged:
                return "BadSignature", claimed
            if total > self.stories[number].balance:
                return "AboveBalance", claimed
            claimed[number] = total
        return None, claimed

    @rule()
    def settle(self) -> None:
        channel = self.stories[0].channel
        self.world.channels.send(RELAYER, "settle", channel.receiver, channel.token)
        self.settled = sum(story.claimed for story in self.stories)

    @rule(number=which, amount=amounts, by=st.sampled_from([ANN, BOB, STRANGER, AUTHORIZER]))
    def ask_back(self, number: int, amount: int, by: Person) -> None:
        story = self.stories[number]
        error = None
        if by != story.channel.payer:
            error = "NotAllowed"
        elif amount == 0:
            error = "NoAmount"
        elif story.asked_at:
            error = "WithdrawalPending"
        elif amount > story.free:
            error = "AboveBalance"
        config = story.channel.config
        if attempt(self.world.channels, error, by.address, "initiateWithdraw", config, amount):
            story.asked_back, story.asked_at = amount, self.world.machine.now

    @rule(number=which)
    def take_back(self, number: int) -> None:
        story = self.stories[number]
        payer = story.channel.payer.address
        error = None
        if not story.asked_at:
            error = "NoWithdrawal"
        elif self.world.machine.now < story.asked_at + DELAY:
            error = "TooEarly"
        config = story.channel.config
        if attempt(self.world.channels, error, payer, "finalizeWithdraw", config):
            amount = min(story.asked_back, story.free)
            story.balance -= amount
            story.asked_back = story.asked_at = 0
            self.purse[payer] += amount

    @rule(
        number=which, amount=amounts, late=st.integers(-1, 1), by=st.sampled_from([AUTHORIZER, ANN])
    )
    def give_back(self, number: int, amount: int, late: int, by: Person) -> None:
        """By a signature that may carry another nonce or be the payer's own."""
        story = self.stories[number]
        nonce = max(story.nonce + late, 0)
        error = None
        if nonce != story.nonce:
            error = "WrongNonce"
        elif by != AUTHORIZER:
            error = "BadSignature"
        elif amount == 0:
            error = "NoAmount"
        words = (story.channel.config, amount, nonce, story.channel.refund(amount, nonce, by=by))
        if attempt(self.world.channels, error, RELAYER, "refundWithSignature", *words):
            self.purse[story.channel.payer.address] += story.give_back(amount)

    @rule(seconds=st.sampled_from([1, DELAY // 2, DELAY]))
    def wait(self, seconds: int) -> None:
        self.world.machine.wait(seconds)

    @invariant()
    def each_channel_is_as_its_story_says(self) -> None:
        for story in self.stories:
            assert held(self.world, story.channel) == (story.balance, story.claimed)
            assert story.claimed <= story.signed
            assert story.claimed <= story.balance

    @invariant()
    def what_is_held_is_what_channels_have_and_receivers_are_owed(self) -> None:
        held_by_all = self.world.balance(self.world.channels.address)
        assert held_by_all == sum(story.balance for story in self.stories) - self.settled

    def teardown(self) -> None:
        """At the end every drop is someone's, and nothing is open but what the stories say."""
        ask, first = self.world.channels.ask, self.stories[0].channel
        for story in self.stories:
            asked = (story.asked_back, story.asked_at)
            assert ask("pendingWithdrawals", story.channel.id) == asked
            assert ask("refundNonce", story.channel.id) == story.nonce
        claimed = sum(story.claimed for story in self.stories)
        assert earned(self.world, first) == (claimed, self.settled)
        assert self.world.balance(first.receiver) == self.settled
        assert {who: self.world.balance(who) for who in self.purse} == self.purse
        left = sum(story.balance for story in self.stories) - self.settled
        assert sum(self.purse.values()) + left + self.settled == BEGINNING * len(PAYERS)


TestChannelHistory = ChannelHistory.TestCase
TestChannelHistory.settings = SOME
