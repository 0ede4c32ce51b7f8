"""Our contracts by name, and what their refusals mean."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from eth_abi.exceptions import DecodingError

from wetube.chain import abi
from wetube.cloudchain import artifacts

TOKEN, MINT, VAULT = "Cloudcoin", "CloudMint", "GatewayVault"
CHANNELS, COLLECTOR, MULTICALL = "BatchSettlement", "DepositCollector", "Multicall"
NAMES = (TOKEN, MINT, VAULT, CHANNELS, COLLECTOR)

_ERROR_TEXT = bytes.fromhex("08c379a0")  # Error(string)
_PANIC = bytes.fromhex("4e487b71")  # Panic(uint256)


def call(contract: str, function: str, arguments: int) -> abi.Call:
    """The function of the named contract; raises abi.NoSuchCall."""
    return abi.call_of(artifacts.load(contract).abi, function, arguments)


def creation(contract: str, args: Sequence[Any]) -> bytes:
    """The data of a transaction that makes the named contract."""
    artifact = artifacts.load(contract)
    return artifact.bytecode + abi.constructor_args(artifact.abi, args)


@cache
def events(contract: str) -> dict[bytes, abi.Part]:
    """The contract's events by their first topic."""
    entries = [entry for entry in artifacts.load(contract).abi if entry["type"] == "event"]
    return {abi.event_topic(entry): entry for entry in entries}


def explain(revert: bytes) -> str:
    """A refusal in words: the contract's sentence, or its error's name and values."""
    if not revert:
        return "The contract refused without a reason."
    head, body = revert[:4], revert[4:]
    try:
        if head == _ERROR_TEXT:
            return str(abi.decode_values([{"type": "string"}], body)[0])
        if head == _PANIC:
            return f"Panic 0x{abi.decode_values([{'type': 'uint256'}], body)[0]:02x}"
        if entry := _errors().get(head):
            values = abi.decode_values(entry["inputs"], body)
            return f"{entry['name']}({', '.join(map(_shown, values))})"
    except (DecodingError, OverflowError):
        pass
    return f"0x{revert[:100].hex()}"


@cache
def _errors() -> dict[bytes, abi.Part]:
    """The errors of all our contracts by their first four bytes."""
    return {
        abi.event_topic(entry)[:4]: entry
        for name in (*NAMES, MULTICALL)
        for entry in artifacts.load(name).abi
        if entry["type"] == "error"
    }


def _shown(value: object) -> str:
    return f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
