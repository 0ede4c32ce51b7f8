"""The machine that runs contracts, behind five verbs: create, account, storage, call, apply.

Everything this package asks of py-evm (Prague) is in this file, so that another machine can take
its place. State is a trie whose nodes are known by their hash, so each old root can be asked, too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import eth
from eth.db.atomic import AtomicDB
from eth.db.backends.base import BaseDB
from eth.exceptions import OutOfGas, Revert, VMError
from eth.vm.execution_context import ExecutionContext
from eth.vm.forks.prague.state import PragueState
from eth_typing import Address, BlockNumber, Hash32
from trie.constants import BLANK_NODE_HASH

from wetube.cloudchain.headers import Header
from wetube.cloudchain.transactions import AccessList, Transaction, init_code_gas, intrinsic_gas

MACHINE = f"py-evm/{eth.__version__}"
REVERTED = "execution reverted"


class Nodes(Protocol):
    """Where the parts of the state are kept: bytes by their Keccak hash."""

    def get(self, key: bytes) -> bytes | None: ...
    def put(self, key: bytes, value: bytes) -> None: ...


@dataclass(frozen=True)
class Account:
    """`balance` is in wei."""

    nonce: int = 0
    balance: int = 0
    code: bytes = b""
    storage: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What a call shall find different at an address; None leaves it as it is."""

    nonce: int | None = None
    balance: int | None = None
    code: bytes | None = None
    storage: Mapping[int, int] | None = None
    wipe: bool = False


@dataclass(frozen=True)
class Message:
    """A call or a transaction as the machine sees it: no signature, fees in wei for one gas."""

    sender: bytes
    to: bytes | None
    gas: int
    data: bytes = b""
    value: int = 0
    max_fee: int = 0
    max_priority_fee: int = 0
    access_list: AccessList = ()


@dataclass(frozen=True)
class Log:
    address: bytes
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Outcome:
    """`failure` is empty where it went well; `created` is the new contract's address."""

    failure: str
    output: bytes
    gas_used: int
    refund: int
    logs: tuple[Log, ...]
    created: bytes | None
    state_root: bytes

    @property
    def reverted(self) -> bool:
        return self.failure == REVERTED

    @property
    def out_of_gas(self) -> bool:
        return self.failure == "out of gas"


class Evm:
    """`hash_of` tells a block's hash by its number, for the BLOCKHASH instruction."""

    def __init__(self, nodes: Nodes, *, chain_id: int, hash_of: Callable[[int], bytes]) -> None:
        self._db = AtomicDB(_Kept(nodes))
        self._chain_id = chain_id
        self._hash_of = hash_of

    def create(self, accounts: Mapping[bytes, Account]) -> bytes:
        """Writes a first state; returns its root."""
        state = self._state(BLANK_NODE_HASH)
        for address, account in accounts.items():
            state.set_nonce(address, account.nonce)
            state.set_balance(address, account.balance)
            state.set_code(address, account.code)
            for slot, value in account.storage.items():
                state.set_storage(address, slot, value)
        state.persist()
        return bytes(state.state_root)

    def account(self, root: bytes, address: bytes) -> Account:
        """An account without its storage; an empty one where there is nothing."""
        state = self._state(root)
        return Account(
            nonce=state.get_nonce(address),
            balance=state.get_balance(address),
            code=bytes(state.get_code(address)),
        )

    def storage(self, root: bytes, address: bytes, slot: int) -> int:
        return int(self._state(root).get_storage(address, slot))

    def call(
        self, header: Header, message: Message, changes: Mapping[bytes, Change] | None = None
    ) -> Outcome:
        """Run a message on the header's state, in its place and time, and forget what it did.

        Who pays nothing for gas sees no base fee, as with other nodes.
        """
        state = self._state(header.state_root, header, free=not message.max_fee)
        for address, change in (changes or {}).items():
            _change(state, address, change)
        return _run(state, message)

    def apply(self, header: Header, transaction: Transaction) -> Outcome:
        """Run a transaction on the header's state and write the state that follows."""
        state = self._state(header.state_root, header)
        outcome = _run(state, _message_of(transaction))
        state.persist()
        return _with_root(outcome, bytes(state.state_root))

    def _state(self, root: bytes, header: Header | None = None, *, free: bool = False) -> Any:
        return _State(self._db, self._context(header, free=free), Hash32(root))

    def _context(self, header: Header | None, *, free: bool) -> ExecutionContext:
        number = header.number if header else 0
        return ExecutionContext(
            coinbase=Address(header.coinbase if header else bytes(20)),
            timestamp=header.timestamp if header else 0,
            block_number=BlockNumber(number),
            difficulty=0,
            mix_hash=Hash32(bytes(32)),
            gas_limit=header.gas_limit if header else 0,
            prev_hashes=self._hashes_before(number),
            chain_id=self._chain_id,
            base_fee_per_gas=0 if free or header is None else header.base_fee,
            excess_blob_gas=0,
        )

    def _hashes_before(self, number: int) -> Iterable[Hash32]:
        for earlier in range(number - 1, max(number - 257, -1), -1):
            yield Hash32(self._hash_of(earlier))


class _State(PragueState):
    """Without the beacon chain's system contracts: there is no beacon chain behind this one."""

    def set_system_contracts(self) -> None:
        pass


class _Kept(BaseDB):
    """Our nodes as py-evm wants them."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes

    def __getitem__(self, key: bytes) -> bytes:
        value = self._nodes.get(key)
        if value is None:
            raise KeyError(key)
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._nodes.put(key, value)

    def __delitem__(self, key: bytes) -> None:
        """Nothing is deleted: each root that ever was can be asked."""

    def _exists(self, key: bytes) -> bool:
        return self._nodes.get(key) is not None


@dataclass(frozen=True)
class _Running:
    """A message with the words py-evm's executor looks for."""

    sender: bytes
    to: bytes
    gas: int
    data: bytes
    value: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int
    access_list: AccessList
    intrinsic_gas: int
    type_id: int = 2


def _message_of(transaction: Transaction) -> Message:
    return Message(
        sender=transaction.sender,
        to=transaction.to,
        gas=transaction.gas,
        data=transaction.data,
        value=transaction.value,
        max_fee=transaction.max_fee,
        max_priority_fee=transaction.max_priority_fee,
        access_list=transaction.access_list,
    )


def _run(state: Any, message: Message) -> Outcome:
    running = _running(message)
    executor = state.get_transaction_executor()
    prepared = executor.build_evm_message(running)
    computation = executor.build_computation(prepared, running)
    used = message.gas - computation.get_gas_remaining()
    refund = executor.calculate_gas_refund(computation, used)
    executor.finalize_computation(running, computation)
    state.clear_transient_storage()
    return Outcome(
        failure=_failure(computation),
        output=bytes(computation.output),
        gas_used=used - refund + computation.data_floor_gas,
        refund=refund,
        logs=tuple(_log(entry) for entry in computation.get_log_entries()),
        created=None if message.to else bytes(prepared.storage_address),
        state_root=b"",
    )


def _running(message: Message) -> _Running:
    creates = message.to is None
    # the machine itself takes what initcode costs a word, after the intrinsic gas
    words = init_code_gas(message.data) if creates else 0
    start = intrinsic_gas(message.data, creates=creates, access_list=message.access_list)
    return _Running(
        sender=message.sender,
        to=message.to or b"",
        gas=message.gas,
        data=message.data,
        value=message.value,
        max_fee_per_gas=message.max_fee,
        max_priority_fee_per_gas=message.max_priority_fee,
        access_list=message.access_list,
        intrinsic_gas=start - words,
    )


def _failure(computation: Any) -> str:
    if computation.is_success:
        return ""
    error: VMError = computation.error
    if isinstance(error, Revert):
        return REVERTED
    if isinstance(error, OutOfGas):
        return "out of gas"
    name = type(error).__name__
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()


def _log(entry: tuple[bytes, tuple[int, ...], bytes]) -> Log:
    address, topics, data = entry
    return Log(bytes(address), tuple(topic.to_bytes(32, "big") for topic in topics), bytes(data))


def _change(state: Any, address: bytes, change: Change) -> None:
    if change.nonce is not None:
        state.set_nonce(address, change.nonce)
    if change.balance is not None:
        state.set_balance(address, change.balance)
    if change.code is not None:
        state.set_code(address, change.code)
    if change.wipe:
        state.delete_storage(address)
    for slot, value in (change.storage or {}).items():
        state.set_storage(address, slot, value)
    state.lock_changes()


def _with_root(outcome: Outcome, root: bytes) -> Outcome:
    return Outcome(**{**outcome.__dict__, "state_root": root})
