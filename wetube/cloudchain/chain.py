"""The chain itself: takes transactions, makes a block of each at once, tells what calls would do.

Used by one thread. A transaction whose nonce is too high waits, on disk, for those before it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from wetube.cloudchain import estimating, sealing, transactions
from wetube.cloudchain.evm import Account, Change, Evm, Message, Outcome
from wetube.cloudchain.headers import Header
from wetube.cloudchain.store import CannotWrite, Store
from wetube.cloudchain.timing import TookTooLong, within
from wetube.cloudchain.transactions import Transaction

LONGEST_CALL = 2.0  # seconds of processor time
LONGEST_TRANSACTION = 15.0
FURTHEST_NONCE = 64
MOST_WAITING = 1024
Changes = Mapping[bytes, Change]
BUMP = 10  # percent more that a waiting transaction's replacement must pay


class Refused(Exception):
    """The transaction or call may not happen; the message is worded as geth words it."""


class Chain:
    """Holds the newest header; `clock` tells the time in seconds."""

    def __init__(
        self, store: Store, *, chain_id: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._evm = Evm(store.nodes, chain_id=chain_id, hash_of=store.hash_of)
        self._clock = clock
        self._waiting = {found.hash: found for found in self._read_waiting(chain_id)}
        self.chain_id = chain_id
        self.head = _head_of(store)

    def send(self, found: Transaction) -> bytes:
        """Into a block of its own, on disk; or to wait, on disk too. Returns its hash.

        Raises Refused, TookTooLong and CannotWrite, and then nothing happened.
        """
        account = self.account(found.sender)
        self._check(found, account)
        if found.nonce > account.nonce:
            self._let_wait(found, account)
        else:
            self._mine(found)
            self._mine_those_waiting(found.sender)
        return found.hash

    def call(self, message: Message, header: Header, changes: Changes | None = None) -> Outcome:
        """What the message would do at that place. Raises Refused and TookTooLong."""
        self._afford(message, header, changes or {})
        with within(LONGEST_CALL):
            return self._evm.call(header, message, changes)

    def estimate(self, message: Message, header: Header, changes: Changes | None = None) -> int:
        """The least gas the message needs, at most 1.5 % more.

        Raises Refused, TookTooLong, and estimating.Fails where no gas is enough.
        """
        most = self._most_gas(message, header, changes or {})
        with within(LONGEST_CALL):
            return estimating.least_gas(
                lambda gas: self._evm.call(header, replace(message, gas=gas), changes),
                most=most,
                plain=message.to is not None and not message.data,
            )

    def account(self, address: bytes) -> Account:
        """As of the newest block."""
        return self._evm.account(self.head.state_root, address)

    def now(self) -> int:
        return int(self._clock())

    def at_head(self) -> Header:
        """The newest block's place and state, with the time it is now."""
        return replace(self.head, timestamp=max(self.head.timestamp, self.now()))

    def next(self) -> Header:
        """Where the next transaction will find itself."""
        return self.head.child(now=self.now())

    def mine_empty(self) -> Header:
        """A block with nothing in it."""
        header = self.next()
        with self._store.writing():
            self._store.put_block(header)
        self.head = header
        return header

    def go_back_to(self, number: int) -> None:
        """Undo every later block, and forget what waits (for tests alone)."""
        with self._store.writing():
            self._store.forget_after(number)
            for sender in {found.sender for found in self._waiting.values()}:
                self._store.wait_no_longer(sender, below=2**62)
        self._waiting.clear()
        self.head = _head_of(self._store)

    def _check(self, found: Transaction, account: Account) -> None:
        if found.hash in self._waiting:
            raise Refused("already known")
        if found.nonce < account.nonce:
            raise Refused(f"nonce too low: next nonce {account.nonce}, tx nonce {found.nonce}")
        if found.nonce > account.nonce + FURTHEST_NONCE:
            raise Refused(f"nonce too high: next nonce {account.nonce}, tx nonce {found.nonce}")
        self._check_price(found)
        if account.code:
            raise Refused("sender not an eoa")
        if account.balance < found.most_it_costs:
            raise Refused(
                "insufficient funds for gas * price + value: "
                f"balance {account.balance}, tx cost {found.most_it_costs}"
            )

    def _check_price(self, found: Transaction) -> None:
        fee = self.head.next_base_fee()
        if found.gas > self.head.gas_limit:
            raise Refused(f"exceeds block gas limit: {found.gas} of {self.head.gas_limit}")
        if found.max_fee < fee:
            raise Refused(
                "max fee per gas less than block base fee: transaction underpriced, "
                f"maxFeePerGas: {found.max_fee}, baseFee: {fee}"
            )

    def _afford(self, message: Message, header: Header, changes: Changes) -> None:
        needed = message.value + message.gas * message.max_fee
        held = self._held(message, header, changes) if needed else 0
        if held < needed:
            raise Refused(
                f"insufficient funds for gas * price + value: balance {held}, tx cost {needed}"
            )

    def _most_gas(self, message: Message, header: Header, changes: Changes) -> int:
        """All the gas the sender can pay for."""
        most = min(message.gas, header.gas_limit)
        if not message.max_fee and not message.value:
            return most
        left = self._held(message, header, changes) - message.value
        if left < 0:
            raise Refused("insufficient funds for transfer")
        return min(most, left // message.max_fee) if message.max_fee else most

    def _held(self, message: Message, header: Header, changes: Changes) -> int:
        changed = changes.get(message.sender)
        if changed and changed.balance is not None:
            return changed.balance
        return self._evm.account(header.state_root, message.sender).balance

    def _mine(self, found: Transaction) -> None:
        header = self.next()
        with self._store.writing():
            with within(LONGEST_TRANSACTION):
                outcome = self._evm.apply(header, found)
            sealed = sealing.seal(header, found, outcome)
            self._store.put_block(sealed, sealing.mined(found, outcome))
            self._store.wait_no_longer(found.sender, below=found.nonce + 1)
        self._forget_waiting(found.sender, below=found.nonce + 1)
        self.head = sealed

    def _mine_those_waiting(self, sender: bytes) -> None:
        """Those whose turn has come; one that may no longer happen is forgotten."""
        while ready := self._ready(sender):
            try:
                self._check(replace(ready, hash=b""), self.account(sender))
                self._mine(ready)
            except CannotWrite:
                return  # they wait on; the one before them is on disk, and that is what was asked
            except (Refused, TookTooLong):
                self._drop(ready)

    def _drop(self, found: Transaction) -> None:
        with self._store.writing():
            self._store.wait_no_longer(found.sender, below=found.nonce + 1)
        self._forget_waiting(found.sender, below=found.nonce + 1)

    def _ready(self, sender: bytes) -> Transaction | None:
        nonce = self.account(sender).nonce
        of_sender = (found for found in self._waiting.values() if found.sender == sender)
        return next((found for found in of_sender if found.nonce == nonce), None)

    def _let_wait(self, found: Transaction, account: Account) -> None:
        others = [other for other in self._waiting.values() if other.sender == found.sender]
        before = next((other for other in others if other.nonce == found.nonce), None)
        if before and found.max_fee * 100 < before.max_fee * (100 + BUMP):
            raise Refused("replacement transaction underpriced")
        if before is None and len(self._waiting) >= MOST_WAITING:
            raise Refused("txpool is full")
        with self._store.writing():
            self._store.wait(sender=found.sender, nonce=found.nonce, hash=found.hash, raw=found.raw)
        if before:
            del self._waiting[before.hash]
        self._waiting[found.hash] = found

    def _forget_waiting(self, sender: bytes, *, below: int) -> None:
        for found in list(self._waiting.values()):
            if found.sender == sender and found.nonce < below:
                del self._waiting[found.hash]

    def _read_waiting(self, chain_id: int) -> Iterator[Transaction]:
        for raw in self._store.waiting():
            yield transactions.decode(raw, chain_id=chain_id)


def _head_of(store: Store) -> Header:
    head = store.head()
    if head is None:
        raise LookupError("The chain has no genesis yet.")
    return head
