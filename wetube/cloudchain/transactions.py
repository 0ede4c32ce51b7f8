"""Signed transactions as they travel: decoded, checked for form, their sender recovered.

Types 0 (with EIP-155's replay protection), 1 (EIP-2930) and 2 (EIP-1559).
"""

from dataclasses import dataclass
from typing import Any

import rlp  # type: ignore[import-untyped]
from eth_hash.auto import keccak
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError
from rlp.sedes import (  # type: ignore[import-untyped]
    Binary,
    CountableList,
    List,
    big_endian_int,
    binary,
)

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
LARGEST = 128 * 1024  # bytes, as geth's pool takes them
LARGEST_INIT_CODE = 49_152  # bytes, EIP-3860
WORD = 2**256

AccessList = tuple[tuple[bytes, tuple[int, ...]], ...]

_recipient = Binary.fixed_length(20, allow_empty=True)
_slots = CountableList(Binary.fixed_length(32))
_access = CountableList(List([Binary.fixed_length(20), _slots]))
_number = big_endian_int
_LEGACY = List([_number, _number, _number, _recipient, _number, binary, _number, _number, _number])
_LISTED = List(
    [*[_number] * 4, _recipient, _number, binary, _access, _number, _number, _number],
)
_DYNAMIC = List(
    [*[_number] * 5, _recipient, _number, binary, _access, _number, _number, _number],
)


class BadTransaction(Exception):
    """These bytes are no transaction that may come onto this chain; the message says why."""


@dataclass(frozen=True)
class Transaction:
    """`to` is None where it creates a contract; `v` is the number as signed; fees in wei."""

    raw: bytes
    hash: bytes
    kind: int
    sender: bytes
    nonce: int
    max_fee: int
    max_priority_fee: int
    gas: int
    to: bytes | None
    value: int
    data: bytes
    access_list: AccessList
    chain_id: int
    v: int
    r: int
    s: int

    @property
    def most_it_costs(self) -> int:
        return self.value + self.gas * self.max_fee

    def price(self, base_fee: int) -> int:
        """What each gas costs in a block of this base fee."""
        return min(self.max_fee, base_fee + self.max_priority_fee)


def decode(raw: bytes, *, chain_id: int) -> Transaction:
    """Raises BadTransaction."""
    if len(raw) > LARGEST:
        raise BadTransaction(f"oversized data: transaction size {len(raw)}, limit {LARGEST}")
    if not raw:
        raise BadTransaction("typed transaction too short")
    if raw[0] < 0x80 and raw[0] not in (1, 2):
        raise BadTransaction("transaction type not supported")
    try:
        found = _legacy(raw, chain_id) if raw[0] >= 0x80 else _typed(raw, chain_id)
    except (rlp.exceptions.RLPException, RecursionError) as fault:
        raise BadTransaction(f"rlp: {_first_line(fault)}") from fault
    _check(found)
    return found


def intrinsic_gas(data: bytes, *, creates: bool, access_list: AccessList) -> int:
    """What is paid before the first instruction (EIPs 2028, 2930 and 3860)."""
    zeros = data.count(0)
    start = 21_000 + (32_000 + init_code_gas(data) if creates else 0)
    slots = sum(len(slots) for _, slots in access_list)
    used = start + 4 * zeros + 16 * (len(data) - zeros)
    return used + 2_400 * len(access_list) + 1_900 * slots


def init_code_gas(data: bytes) -> int:
    return 2 * ((len(data) + 31) // 32)


def least_gas(data: bytes, *, creates: bool, access_list: AccessList) -> int:
    """The least a transaction must bring: what is intrinsic, or EIP-7623's floor for its data."""
    zeros = data.count(0)
    floor = 21_000 + 10 * zeros + 40 * (len(data) - zeros)
    return max(intrinsic_gas(data, creates=creates, access_list=access_list), floor)


def _legacy(raw: bytes, chain_id: int) -> Transaction:
    nonce, price, gas, to, value, data, v, r, s = rlp.decode(raw, _LEGACY)
    if v in (27, 28):
        raise BadTransaction("only replay-protected (EIP-155) transactions allowed over RPC")
    if v not in (chain_id * 2 + 35, chain_id * 2 + 36):
        raise BadTransaction(
            f"invalid chain id for signer: have {max(v - 35, 0) // 2} want {chain_id}"
        )
    signed = rlp.encode([nonce, price, gas, to, value, data, chain_id, 0, 0])
    sender = _sender(keccak(signed), (v - 35) % 2, r, s)
    fees = (price, price, gas)
    return Transaction(
        raw, keccak(raw), 0, sender, nonce, *fees, to or None, value, data, (), chain_id, v, r, s
    )


def _typed(raw: bytes, chain_id: int) -> Transaction:
    kind = raw[0]
    fields: list[Any] = list(rlp.decode(raw[1:], _DYNAMIC if kind == 2 else _LISTED))
    signature = fields[-3:]
    sender = _sender(keccak(raw[:1] + rlp.encode(_plain(fields[:-3]))), *signature)
    if fields[0] != chain_id:
        raise BadTransaction(f"invalid chain id for signer: have {fields[0]} want {chain_id}")
    if kind == 1:
        fields.insert(2, fields[2])
    _, nonce, priority, most, gas, to, value, data, listed, *_ = fields
    access = tuple((who, tuple(int.from_bytes(s, "big") for s in slots)) for who, slots in listed)
    what = (nonce, most, priority, gas, to or None, value, data, access)
    return Transaction(raw, keccak(raw), kind, sender, *what, chain_id, *signature)


def _plain(fields: list[Any]) -> list[Any]:
    return [_plain(list(field)) if isinstance(field, tuple | list) else field for field in fields]


def _sender(digest: bytes, parity: int, r: int, s: int) -> bytes:
    if parity not in (0, 1) or not 0 < r < ORDER or not 0 < s <= ORDER // 2:
        raise BadTransaction("invalid transaction v, r, s values")
    try:
        public = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError) as fault:
        raise BadTransaction("invalid sender") from fault
    return bytes(public.to_canonical_address())


def _check(found: Transaction) -> None:
    if max(found.max_fee, found.max_priority_fee, found.value) >= WORD:
        raise BadTransaction("a value is larger than 256 bits")
    if max(found.gas, found.nonce + 1) >= 2**64:
        raise BadTransaction("nonce or gas is larger than 64 bits")
    if found.max_priority_fee > found.max_fee:
        raise BadTransaction(
            "max priority fee per gas higher than max fee per gas: "
            f"maxPriorityFeePerGas: {found.max_priority_fee}, maxFeePerGas: {found.max_fee}"
        )
    if found.to is None and len(found.data) > LARGEST_INIT_CODE:
        raise BadTransaction(
            f"max initcode size exceeded: code size {len(found.data)}, limit {LARGEST_INIT_CODE}"
        )
    least = least_gas(found.data, creates=found.to is None, access_list=found.access_list)
    if found.gas < least:
        raise BadTransaction(f"intrinsic gas too low: gas {found.gas}, minimum needed {least}")


def _first_line(fault: Exception) -> str:
    return str(fault).partition("\n")[0][:200]
