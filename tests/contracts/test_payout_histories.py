"""Whatever is posted and claimed: no drop above what is held or scheduled, to each their own."""

from functools import cache

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.contracts.contract import Contract
from tests.contracts.funded import funded, posting
from tests.contracts.histories import CAST, SOME, amounts, attempt, people
from tests.contracts.machine import BEGINNING, Machine, Saved
from tests.contracts.trees import PayoutTree, payout_tree
from tests.contracts.world import (
    CHALLENGE,
    CLD,
    EPOCH,
    MAKER,
    POSTER,
    RELAYER,
    REWARD,
    STRANGER,
    THRESHOLD,
    WITNESSES,
    World,
    deploy,
)

pytestmark = pytest.mark.chain

ADDRESSES = [person.address for person in CAST]
additions = st.dictionaries(people, st.integers(1, 4 * CLD), max_size=4)
OVERSTATED = st.sampled_from([0, 0, 0, 0, 1, CLD])


class Due:
    """Trees by the sums each person was due when they were made."""

    def __init__(self) -> None:
        self.sums: dict[bytes, int] = {ADDRESSES[0]: 1}

    def after(self, more: dict[bytes, int]) -> tuple[dict[bytes, int], PayoutTree]:
        sums = {who: self.sums.get(who, 0) + more.get(who, 0) for who in self.sums | more}
        return sums, payout_tree(sums)


@cache
def _vault() -> tuple[Saved, tuple[tuple[str, bytes], ...]]:
    world = funded(1000 * CLD)
    parts = [getattr(world, name) for name in World.__dataclass_fields__ if name != "machine"]
    return world.machine.save(), tuple((part.name, part.address) for part in parts)


class VaultHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        saved, places = _vault()
        machine = Machine(saved)
        self.world = World(machine, *(Contract(machine, *place) for place in places))
        self.vault = self.world.vault
        self.due = Due()
        self.trees: list[tuple[dict[bytes, int], PayoutTree, int]] = []
        self.paid = dict.fromkeys(ADDRESSES, 0)
        self.income = 0

    @rule(amount=amounts)
    def earn(self, amount: int) -> None:
        self.world.give(self.vault.address, amount)
        self.income += amount

    @rule(more=additions, over=OVERSTATED, skip=st.sampled_from([0, 0, 0, 1]))
    def post(self, more: dict[bytes, int], over: int, skip: int) -> None:
        """Often for more than was earned, sometimes with a total that is not the leaves'."""
        sums, tree = self.due.after(more)
        total, seq = tree.total + over, len(self.trees) + 1 + skip
        error = None
        if skip:
            error = "WrongSeq"
        elif self.trees and total < self.trees[-1][2]:
            error = "TotalFell"
        elif total > self.income:
            error = "Uncovered"
        if attempt(self.vault, error, POSTER.address, "post", seq, tree.root, total):
            self.due.sums = sums
            self.trees.append((sums, tree, total))

    @rule(who=people, tree=st.integers(-3, -1), more=st.sampled_from([0, 0, 0, 1]))
    def claim(self, who: bytes, tree: int, more: int) -> None:
        """By the newest tree or an older one, sometimes a drop more than the leaf says."""
        if len(self.trees) < -tree:
            return
        sums, found, _ = self.trees[tree]
        proof, cumulative = found.proofs.get(who, []), sums.get(who, 0) + more
        total = self.trees[-1][2]
        error = None
        if who not in sums or more:
            error = "WrongProof"
        elif cumulative <= self.paid[who]:
            error = "NothingDue"
        elif sum(self.paid.values()) + cumulative - self.paid[who] > total:
            error = "AboveTotal"
        if attempt(self.vault, error, RELAYER, "claim", who, cumulative, proof):
            self.paid[who] = cumulative

    @rule(who=st.lists(people, max_size=5))
    def claim_many(self, who: list[bytes]) -> None:
        """Whoever is in the newest tree, some twice."""
        if not self.trees:
            return
        sums, tree, _ = self.trees[-1]
        chosen = [one for one in who if one in sums]
        words = ([sums[one] for one in chosen], [tree.proofs[one] for one in chosen])
        self.vault.send(RELAYER, "claimMany", chosen, *words)
        self.paid |= {one: max(sums[one], self.paid[one]) for one in chosen}

    @invariant()
    def everybody_was_paid_their_own(self) -> None:
        for who, amount in self.paid.items():
            assert self.world.balance(who) == self.vault.ask("paid", who) == amount
        assert self.world.balance(RELAYER) == self.world.balance(POSTER.address) == 0

    @invariant()
    def what_is_promised_is_covered(self) -> None:
        held, paid = self.world.balance(self.vault.address), self.vault.ask("paidTotal")
        assert paid == sum(self.paid.values())
        assert held + paid == self.income
        assert paid <= self.vault.ask("total") <= self.income


@cache
def _mint() -> tuple[Saved, bytes, bytes]:
    machine = Machine()
    coin, mint = deploy(machine, start=BEGINNING - 2 * EPOCH, challenge=CHALLENGE)
    return machine.save(), coin.address, mint.address


class MintHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        saved, coin, mint = _mint()
        self.machine = Machine(saved)
        self.coin = Contract(self.machine, "Cloudcoin", coin)
        self.mint = Contract(self.machine, "CloudMint", mint)
        self.due = Due()
        self.posted: list[tuple[int, dict[bytes, int], PayoutTree, int]] = []
        self.minted = dict.fromkeys(ADDRESSES, 0)

    @rule(seconds=st.sampled_from([1, EPOCH, CHALLENGE, CHALLENGE + EPOCH]))
    def wait(self, seconds: int) -> None:
        self.machine.wait(seconds)

    @rule(more=additions, ahead=st.sampled_from([0, 0, 0, 1]), much=st.sampled_from([1, 1, 30]))
    def post(self, more: dict[bytes, int], ahead: int, much: int) -> None:
        """Sometimes before its time, often above the schedule."""
        over = (self.machine.now - BEGINNING) // EPOCH + 2
        epoch = over + ahead
        sums, tree = self.due.after({who: amount * much for who, amount in more.items()})
        words = posting(self.mint, epoch, tree)
        if attempt(self.mint, self._posting(epoch, over, tree), RELAYER, "post", *words):
            self.due.sums = sums
            self.posted.append((epoch, sums, tree, self.machine.now + CHALLENGE))

    def _posting(self, epoch: int, over: int, tree: PayoutTree) -> str | None:
        if epoch > over:
            return "EpochNotOver"
        if self.posted and epoch <= self.posted[-1][0]:
            return "EpochPosted"
        if tree.total > epoch * REWARD:
            return "AboveSchedule"
        known = self.mint.ask("roots", tree.root)[1]
        return "BadRoot" if known else None

    @rule()
    def recall(self) -> None:
        newest = self.mint.ask("latest")
        digest = self.mint.ask("recallDigest", newest)
        signatures = [witness.sign(digest) for witness in WITNESSES[:THRESHOLD]]
        waits = bool(self.posted) and self.posted[-1][3] > self.machine.now
        if attempt(self.mint, None if waits else "NotRecallable", RELAYER, "recall", signatures):
            self.posted.pop()
            self.due.sums = self.posted[-1][1] if self.posted else {ADDRESSES[0]: 1}

    @rule(who=people, age=st.integers(1, 3), more=st.sampled_from([0, 0, 0, 1]))
    def claim(self, who: bytes, age: int, more: int) -> None:
        """By any tree that was posted; a ripe one is good for ever."""
        if len(self.posted) < age:
            return
        _, sums, tree, ripe = self.posted[-age]
        cumulative, proof = sums.get(who, 0) + more, tree.proofs.get(who, [])
        error = None
        if who not in sums or more or ripe > self.machine.now:
            error = "WrongProof"
        elif cumulative <= self.minted[who]:
            error = "NothingDue"
        if attempt(self.mint, error, STRANGER.address, "claim", who, cumulative, proof):
            self.minted[who] = cumulative

    @invariant()
    def everybody_has_their_own_and_no_more(self) -> None:
        for who, amount in self.minted.items():
            assert self.coin.ask("balanceOf", who) == self.mint.ask("claimed", who) == amount
        for outsider in (MAKER, STRANGER, *WITNESSES):
            assert self.coin.ask("balanceOf", outsider.address) == 0

    @invariant()
    def nothing_is_minted_above_the_schedule(self) -> None:
        over = self.mint.ask("epochsOver")
        supply = self.coin.ask("totalSupply")
        assert supply == self.mint.ask("minted") == sum(self.minted.values())
        ripe = [tree.total for _, _, tree, at in self.posted if at <= self.machine.now]
        assert supply <= max(ripe, default=0) <= self.mint.ask("scheduled", over)


TestVaultHistory = VaultHistory.TestCase
TestVaultHistory.settings = SOME
TestMintHistory = MintHistory.TestCase
TestMintHistory.settings = SOME
