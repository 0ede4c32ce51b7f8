"""What a page sends to move coin by somebody's signature, read strictly.

The gateway pays the fee, so everything is tried on the chain's newest state before it
is put into the outbox, and each person has so many a day.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wetube.chain import addresses, signatures
from wetube.wallet.refusals import Garbled

_WORD = re.compile(r"0x[0-9a-f]{64}")
_NUMBER = re.compile(r"[0-9]{1,39}")


@dataclass(frozen=True)
class Deposit:
    """Coin a payer lets the collector take into a channel (EIP-3009, x402's deposit payload)."""

    amount: int
    valid_after: int
    valid_before: int
    salt: bytes
    signature: bytes

    def collector_data(self) -> bytes:
        """abi.encode(uint256, uint256, uint256, bytes), as the collector reads it."""
        head = [self.valid_after, self.valid_before, int.from_bytes(self.salt), 4 * 32]
        padded = self.signature.ljust(-(-len(self.signature) // 32) * 32, b"\0")
        words = [*head, len(self.signature)]
        return b"".join(word.to_bytes(32) for word in words) + padded


@dataclass(frozen=True)
class Transfer:
    """Coin its owner lets anybody move to `to` (EIP-3009)."""

    sender: str
    to: str
    amount: int
    valid_after: int
    valid_before: int
    nonce: bytes
    signature: bytes


def deposit(said: Mapping[str, Any]) -> Deposit:
    """Raises Garbled."""
    return Deposit(
        amount=number(said, "amount"),
        valid_after=number(said, "validAfter"),
        valid_before=number(said, "validBefore"),
        salt=word(said, "salt"),
        signature=signature(said, "signature"),
    )


def transfer(said: Mapping[str, Any]) -> Transfer:
    """Raises Garbled."""
    return Transfer(
        sender=address(said, "from"),
        to=address(said, "to"),
        amount=number(said, "value"),
        valid_after=number(said, "validAfter"),
        valid_before=number(said, "validBefore"),
        nonce=word(said, "nonce"),
        signature=signature(said, "signature"),
    )


def number(said: Mapping[str, Any], name: str) -> int:
    text = str(said.get(name, ""))
    if not _NUMBER.fullmatch(text) or int(text) >= 2**127:
        raise Garbled
    return int(text)


def word(said: Mapping[str, Any], name: str) -> bytes:
    text = said.get(name)
    if not isinstance(text, str) or not _WORD.fullmatch(text.lower()):
        raise Garbled
    return bytes.fromhex(text[2:])


def address(said: Mapping[str, Any], name: str) -> str:
    text = said.get(name)
    try:
        return addresses.normal(text if isinstance(text, str) else "")
    except addresses.BadAddress as error:
        raise Garbled from error


def signature(said: Mapping[str, Any], name: str) -> bytes:
    """65 bytes in the form contracts take."""
    text = said.get(name)
    try:
        return signatures.canonical(bytes.fromhex(str(text).removeprefix("0x")))
    except ValueError as error:
        raise Garbled from error
