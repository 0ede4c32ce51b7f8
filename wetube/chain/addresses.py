"""Addresses: 20 bytes, written as 0x and 40 digits whose case is a checksum (EIP-55)."""

import re
from functools import lru_cache

from wetube.chain.hashing import keccak

ZERO = "0x" + 40 * "0"
_SHAPE = re.compile(r"0x[0-9a-fA-F]{40}")


class BadAddress(ValueError):
    """Not an address, or its checksum shows a typing error."""


def checksummed(raw: bytes) -> str:
    """The one way we write the 20 bytes `raw`."""
    digits = raw.hex()
    marks = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if mark >= "8" else digit for digit, mark in zip(digits, marks, strict=False)
    )


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """`text` with its checksum; all lower or all upper case counts as written without one.

    Raises BadAddress for any other text.
    """
    right = checksummed(raw(text))
    if text != right and text[2:] not in (text[2:].lower(), text[2:].upper()):
        raise BadAddress("The capitals of this address do not fit its digits; was it mistyped?")
    return right


def raw(text: str) -> bytes:
    """The 20 bytes of an address, whatever its capitals; raises BadAddress."""
    if not _SHAPE.fullmatch(text):
        raise BadAddress("An address is 0x and 40 hexadecimal digits.")
    return bytes.fromhex(text[2:])
