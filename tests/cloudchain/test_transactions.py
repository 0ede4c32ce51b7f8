"""Transactions come in as bytes: what eth-account signs is read, what nobody signed is refused."""

from typing import Any

import eth_account
import pytest
import rlp  # type: ignore[import-untyped]
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from wetube.cloudchain.transactions import (
    ORDER,
    BadTransaction,
    Transaction,
    decode,
    intrinsic_gas,
    least_gas,
)

CHAIN = 4_410_436
SIGNER: LocalAccount = eth_account.Account.from_key(b"\7" * 32)
OTHER = "0x" + "12" * 20
addresses = st.binary(min_size=20, max_size=20)
slots = st.lists(st.binary(min_size=32, max_size=32), max_size=3)
fields = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([0, 1, 2]),
        "nonce": st.integers(0, 2**63),
        "fee": st.integers(10, 2**100),
        "tip": st.integers(0, 10),
        "gas": st.integers(2_000_000, 30_000_000),
        "to": st.none() | addresses,
        "value": st.integers(0, 2**256 - 1),
        "data": st.binary(max_size=300),
        "listed": st.lists(st.tuples(addresses, slots), max_size=3),
    }
)


def _access(who: bytes, keys: list[bytes]) -> dict[str, object]:
    return {"address": f"0x{who.hex()}", "storageKeys": [f"0x{key.hex()}" for key in keys]}


def signed(**changes: Any) -> bytes:
    """By SIGNER, with eth-account."""
    usual = {"nonce": 0, "gas": 21_000, "gasPrice": 10, "to": OTHER, "value": 1, "chainId": CHAIN}
    whole = {name: value for name, value in {**usual, **changes}.items() if value is not None}
    return bytes(SIGNER.sign_transaction(whole).raw_transaction)


@given(fields)
@settings(max_examples=40, deadline=None)
def test_what_was_signed_is_what_is_read(given: dict[str, object]) -> None:
    kind, listed = given["kind"], given["listed"]
    assert isinstance(listed, list)
    raw = signed(
        nonce=given["nonce"],
        gas=given["gas"],
        to=given["to"] or b"",
        value=given["value"],
        data=given["data"],
        type=kind or None,
        gasPrice=None if kind == 2 else given["fee"],
        maxFeePerGas=given["fee"] if kind == 2 else None,
        maxPriorityFeePerGas=given["tip"] if kind == 2 else None,
        accessList=[_access(*part) for part in listed] if kind else None,
    )
    found = decode(raw, chain_id=CHAIN)

    assert f"0x{found.sender.hex()}" == SIGNER.address.lower()
    assert (found.kind, found.nonce, found.gas) == (kind, given["nonce"], given["gas"])
    assert (found.to, found.value, found.data) == (given["to"], given["value"], given["data"])
    assert found.max_fee == given["fee"]
    assert found.max_priority_fee == (given["tip"] if kind == 2 else given["fee"])
    if kind:
        expected = [(who, [int.from_bytes(key, "big") for key in keys]) for who, keys in listed]
        assert [(who, list(keys)) for who, keys in found.access_list] == expected


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_bytes_nobody_signed_are_refused_by_name(raw: bytes) -> None:
    with pytest.raises(BadTransaction):
        decode(raw, chain_id=CHAIN)


@given(st.integers(0, 2_000), st.integers(1, 255))
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_changes_who_signed(place: int, change: int) -> None:
    """No signature is read as another's word: it is refused, or it is from somebody unknown."""
    raw = bytearray(signed(type=2, gasPrice=None, maxFeePerGas=10, maxPriorityFeePerGas=1))
    raw[place % len(raw)] ^= change
    try:
        found = decode(bytes(raw), chain_id=CHAIN)
    except BadTransaction:
        return
    assert f"0x{found.sender.hex()}" != SIGNER.address.lower()


def remade(found: Transaction, *, v: int, s: int) -> bytes:
    """The same transaction with another form of its signature."""
    parts = [found.nonce, found.max_fee, found.gas, found.to, found.value, found.data]
    return bytes(rlp.encode([*parts, v, found.r, s]))


@pytest.mark.parametrize(
    ("words", "flip_v", "flip_s"),
    [("invalid transaction v, r, s", True, True), ("invalid transaction v, r, s", False, True)],
)
def test_the_second_form_of_a_signature_is_refused(words: str, flip_v: bool, flip_s: bool) -> None:
    """EIP-2: else one transaction had two hashes."""
    found = decode(signed(), chain_id=CHAIN)
    base = CHAIN * 2 + 35
    v = base + (1 - (found.v - base)) if flip_v else found.v
    with pytest.raises(BadTransaction, match=words):
        decode(remade(found, v=v, s=ORDER - found.s if flip_s else found.s), chain_id=CHAIN)


@pytest.mark.parametrize("v", [27, 28])
def test_a_transaction_for_any_chain_is_refused(v: int) -> None:
    found = decode(signed(), chain_id=CHAIN)
    with pytest.raises(BadTransaction, match="only replay-protected"):
        decode(remade(found, v=v, s=found.s), chain_id=CHAIN)


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_a_transaction_for_another_chain_is_refused(kind: int) -> None:
    fees = {"gasPrice": None, "maxFeePerGas": 10, "maxPriorityFeePerGas": 1} if kind == 2 else {}
    raw = signed(type=kind or None, **fees)
    with pytest.raises(BadTransaction, match=f"have {CHAIN} want 1"):
        decode(raw, chain_id=1)


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ("intrinsic gas too low", {"gas": 20_999}),
        ("intrinsic gas too low", {"gas": 21_000, "data": b"\1"}),
        ("minimum needed 61000", {"gas": 60_999, "data": b"\1" * 1_000}),  # EIP-7623
        ("initcode size", {"to": b"", "data": bytes(49_153), "gas": 3_000_000}),
        ("priority fee", {"gasPrice": None, "maxFeePerGas": 9, "maxPriorityFeePerGas": 10}),
    ],
)
def test_what_can_never_happen_is_refused(words: str, changes: dict[str, object]) -> None:
    with pytest.raises(BadTransaction, match=words):
        decode(signed(**changes), chain_id=CHAIN)


def test_gas_before_the_first_instruction() -> None:
    """Figures of EIPs 2028, 2930, 3860 and 7623."""
    listed = ((b"\0" * 20, (1, 2)),)
    assert intrinsic_gas(b"", creates=False, access_list=()) == 21_000
    assert intrinsic_gas(b"\0\1", creates=False, access_list=()) == 21_020
    assert intrinsic_gas(b"\1" * 33, creates=True, access_list=()) == 53_000 + 4 + 33 * 16
    assert intrinsic_gas(b"", creates=False, access_list=listed) == 21_000 + 2_400 + 3_800
    assert least_gas(b"\0\1", creates=False, access_list=()) == 21_050
