"""A machine that runs contracts in this process: py-evm's Prague state, no blocks, no signatures.

Each call is a transaction of its own as far as gas, storage and transient storage go; one that
fails leaves no trace at all, not even its number, so that whole states can be compared. A machine
can be saved and begun again from there, so that many histories start at one deployment. Amounts are
in drops, times in Unix seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth._utils.address import generate_contract_address
from eth.db.atomic import AtomicDB
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.prague.state import PragueState
from eth_typing import Address, BlockNumber, Hash32
from trie.constants import BLANK_NODE_HASH

from wetube.cloudchain.canonical import CHAIN_ID

BEGINNING = 1_800_000_000
BLOCK_GAS = 30_000_000
NOBODY = bytes(19) + b"\x09"


@dataclass(frozen=True)
class Log:
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Ran:
    """What a transaction did, and its whole gas. `output` is the reason where it failed."""

    success: bool
    output: bytes
    gas: int
    logs: tuple[Log, ...]


@dataclass(frozen=True)
class _Transaction:
    """The words py-evm's executor asks of a transaction."""

    sender: bytes
    to: bytes
    data: bytes
    value: int = 0
    gas: int = BLOCK_GAS
    max_fee_per_gas: int = 0
    max_priority_fee_per_gas: int = 0
    access_list: tuple[()] = ()
    type_id: int = 2

    @property
    def intrinsic_gas(self) -> int:
        """EIP-2028; the machine itself takes what initcode costs a word (EIP-3860)."""
        zeros = self.data.count(0)
        start = 21_000 if self.to else 53_000
        return start + 4 * zeros + 16 * (len(self.data) - zeros)


class Machine:
    def __init__(self, saved: "Saved | None" = None) -> None:
        self._db = saved.db if saved else AtomicDB()
        self.now = saved.now if saved else BEGINNING
        self._state = self._at(saved.root if saved else BLANK_NODE_HASH)

    def put(self, codes: Mapping[bytes, bytes]) -> None:
        """Code that stands there from the first block on."""
        for address, code in codes.items():
            self._state.set_code(address, code)
        self._state.persist()

    def save(self) -> "Saved":
        self._state.persist()
        return Saved(self._db, self._state.state_root, self.now)

    @property
    def root(self) -> bytes:
        """What everything amounts to: code, storage, balances."""
        return self.save().root

    def wait(self, seconds: int) -> None:
        self.now += seconds
        self._state.execution_context._timestamp = self.now

    def create(self, sender: bytes, code: bytes) -> tuple[bytes, Ran]:
        """A new contract's address, and how making it went."""
        address = self.next_address(sender)
        return address, self.run(sender, b"", code)

    def next_address(self, sender: bytes, ahead: int = 0) -> bytes:
        """Where the sender's next contract will stand, or one made that many transactions later."""
        return next_address(sender, self._state.get_nonce(sender) + ahead)

    def run(self, sender: bytes, to: bytes, data: bytes) -> Ran:
        ran = self._run(_Transaction(sender, to, data))
        if not ran.success:
            self._forget_attempt(sender)
        self._state.lock_changes()
        return ran

    def look(self, to: bytes, data: bytes) -> Ran:
        """What would happen, without its happening."""
        before = self._state.snapshot()
        ran = self._run(_Transaction(NOBODY, to, data))
        self._state.revert(before)
        self._state.lock_changes()
        return ran

    def _run(self, transaction: _Transaction) -> Ran:
        executor = self._state.get_transaction_executor()
        message = executor.build_evm_message(transaction)
        computation = executor.build_computation(message, transaction)
        executor.finalize_computation(transaction, computation)
        self._state.clear_transient_storage()
        used = transaction.gas - computation.get_gas_remaining()
        back = min(computation.get_gas_refund(), used // 5) if computation.is_success else 0
        logs = tuple(
            Log(bytes(address), tuple(topic.to_bytes(32, "big") for topic in topics), bytes(data))
            for address, topics, data in computation.get_log_entries()
        )
        return Ran(
            computation.is_success,
            bytes(computation.output),
            used - back + computation.data_floor_gas,
            logs,
        )

    def _forget_attempt(self, sender: bytes) -> None:
        self._state.set_nonce(sender, self._state.get_nonce(sender) - 1)
        if self._state.account_is_empty(sender):
            self._state.delete_account(sender)

    def _at(self, root: bytes) -> Any:
        context = ExecutionContext(
            coinbase=Address(bytes(20)),
            timestamp=self.now,
            block_number=BlockNumber(1),
            difficulty=0,
            mix_hash=Hash32(bytes(32)),
            gas_limit=BLOCK_GAS,
            prev_hashes=(),
            chain_id=CHAIN_ID,
            base_fee_per_gas=0,
            excess_blob_gas=0,
        )
        return PragueState(self._db, context, Hash32(root))


@dataclass(frozen=True)
class Saved:
    db: AtomicDB
    root: bytes
    now: int


def next_address(sender: bytes, nonce: int) -> bytes:
    return bytes(generate_contract_address(Address(sender), nonce))
