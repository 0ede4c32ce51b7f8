"""Values of a contract as JSON keeps them: bytes as 0x and digits, everything else as it is."""

from collections.abc import Mapping
from typing import Any


def of(value: Any) -> Any:
    if isinstance(value, bytes | bytearray):
        return "0x" + value.hex()
    if isinstance(value, Mapping):
        return {name: of(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [of(item) for item in value]
    return value
