"""Whatever is done with the coin: none appears or is lost, or moves without its holder's word."""

from functools import cache

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.contracts.contract import Contract
from tests.contracts.histories import CAST, SOME, amounts, attempt, people
from tests.contracts.machine import Machine, Saved
from tests.contracts.signing import AUTHORIZATION, Person, digest
from tests.contracts.world import CLD, MAKER, RELAYER, STRANGER

pytestmark = pytest.mark.chain

CAP = 21_000_000 * CLD
FOREVER = 2**256 - 1
VERBS = ("TransferWithAuthorization", "ReceiveWithAuthorization")
FORM = "(address,address,uint256,uint256,uint256,bytes32,bytes)"


@cache
def _deployed() -> tuple[Saved, bytes]:
    """A coin whose minter is a key of these tests, so that its cap can be tried."""
    machine = Machine()
    coin = Contract.make(machine, MAKER.address, "Cloudcoin", MAKER.address)
    coin.send(MAKER.address, "mint", CAST[0].address, 20 * CLD)
    return machine.save(), coin.address


class CoinHistory(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        saved, address = _deployed()
        self.coin = Contract(Machine(saved), "Cloudcoin", address)
        self.holds = dict.fromkeys([person.address for person in CAST], 0)
        self.holds[CAST[0].address] = 20 * CLD
        self.allowed: dict[tuple[bytes, bytes], int] = {}
        self.used: set[tuple[bytes, bytes]] = set()

    @rule(who=people, amount=st.one_of(amounts, st.integers(CAP - 40 * CLD, CAP + 1)))
    def mint(self, who: bytes, amount: int) -> None:
        error = "AboveCap" if sum(self.holds.values()) + amount > CAP else None
        if attempt(self.coin, error, MAKER.address, "mint", who, amount):
            self.holds[who] += amount

    @rule(who=people, amount=amounts)
    def mint_oneself(self, who: bytes, amount: int) -> None:
        attempt(self.coin, "NotMinter", who, "mint", who, amount)

    @rule(who=people, to=people, amount=amounts)
    def transfer(self, who: bytes, to: bytes, amount: int) -> None:
        if attempt(self.coin, self._lacks(who, amount), who, "transfer", to, amount):
            self._move(who, to, amount)

    @rule(who=people, amount=amounts)
    def burn(self, who: bytes, amount: int) -> None:
        if attempt(self.coin, self._lacks(who, amount), who, "burn", amount):
            self.holds[who] -= amount

    @rule(who=people, spender=people, amount=amounts)
    def allow(self, who: bytes, spender: bytes, amount: int) -> None:
        self.coin.send(who, "approve", spender, amount)
        self.allowed[who, spender] = amount

    @rule(who=people, spender=people, to=people, amount=amounts)
    def spend(self, who: bytes, spender: bytes, to: bytes, amount: int) -> None:
        left = self.allowed.get((who, spender), 0)
        error = "ERC20InsufficientAllowance" if amount > left else self._lacks(who, amount)
        if attempt(self.coin, error, spender, "transferFrom", who, to, amount):
            self._move(who, to, amount)
            self.allowed[who, spender] = left - amount

    @rule(
        who=st.sampled_from(CAST),
        signer=st.sampled_from([None, None, None, *CAST, STRANGER]),
        to=people,
        amount=amounts,
        nonce=st.integers(0, 3),
        verb=st.sampled_from(VERBS),
        carrier=people,
    )
    def carry(
        self, who: Person, signer: Person | None, to: bytes, amount: int, nonce: int, verb: str,
        carrier: bytes,
    ) -> None:  # fmt: skip
        """A signed transfer, often with a nonce used before, sometimes by another's hand."""
        signer = signer or who
        word = (who.address, to, amount, 0, FOREVER, bytes([nonce]) * 32)
        signature = signer.sign(digest(("Cloudcoin", self.coin.address), verb, AUTHORIZATION, word))
        error = self._carrying(who, signer, word, None if verb == VERBS[0] else carrier)
        name = verb[0].lower() + verb[1:] + FORM
        if attempt(self.coin, error, carrier, name, *word, signature):
            self._move(who.address, to, amount)
            self.used.add((who.address, word[5]))

    def _carrying(
        self, who: Person, signer: Person, word: tuple[bytes, bytes, int, int, int, bytes],
        receiver: bytes | None,
    ) -> str | None:  # fmt: skip
        if receiver is not None and receiver != word[1]:
            return "ERC20InvalidReceiver"
        if signer != who:
            return "ERC3009InvalidSignature"
        if (who.address, word[5]) in self.used:
            return "ERC3009UsedAuthorization"
        return self._lacks(who.address, word[2])

    def _lacks(self, who: bytes, amount: int) -> str | None:
        return "ERC20InsufficientBalance" if amount > self.holds[who] else None

    def _move(self, who: bytes, to: bytes, amount: int) -> None:
        self.holds[who] -= amount
        self.holds[to] += amount

    @invariant()
    def everybody_holds_what_their_story_says(self) -> None:
        for who, amount in self.holds.items():
            assert self.coin.ask("balanceOf", who) == amount
        assert self.coin.ask("balanceOf", RELAYER) == 0

    @invariant()
    def the_supply_is_all_that_is_held_and_below_the_cap(self) -> None:
        assert self.coin.ask("totalSupply") == sum(self.holds.values()) <= CAP


TestCoinHistory = CoinHistory.TestCase
TestCoinHistory.settings = SOME
