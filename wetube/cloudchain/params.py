"""What comes in with a JSON-RPC request, read strictly: every fault is an InvalidParams."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wetube.cloudchain.evm import Change, Message
from wetube.cloudchain.headers import GAS_LIMIT
from wetube.cloudchain.reader import Topics
from wetube.cloudchain.transactions import AccessList

T = TypeVar("T")
D = TypeVar("D")
TAGS = {"latest", "pending", "safe", "finalized", "earliest"}
HEX = re.compile(r"0x[0-9a-fA-F]*\Z")
MOST_CHOICES = 1_000
BlockTag = str | int | bytes
"""A word of TAGS, a number, or a block's hash."""


class InvalidParams(Exception):
    """The parameters are not what the method takes; the message says which and why."""


class Params:
    """The parameters of one request, by position."""

    def __init__(self, given: object) -> None:
        if not isinstance(given, list):
            raise InvalidParams("params are a list")
        self._given: list[Any] = given

    def need(self, place: int, read: Callable[[object], T]) -> T:
        if len(self._given) <= place:
            raise InvalidParams(f"missing value for required argument {place}")
        return self._read(place, read)

    def may(self, place: int, read: Callable[[object], T], default: D) -> T | D:
        """The default where nothing, or null, is given."""
        if len(self._given) <= place or self._given[place] is None:
            return default
        return self._read(place, read)

    def _read(self, place: int, read: Callable[[object], T]) -> T:
        try:
            return read(self._given[place])
        except InvalidParams as fault:
            raise InvalidParams(f"invalid argument {place}: {fault}") from fault


def quantity(value: object) -> int:
    if not isinstance(value, str) or not HEX.match(value) or not 3 <= len(value) <= 66:
        raise InvalidParams("a quantity is 0x and one to 64 hexadecimal digits")
    return int(value, 16)


def data(value: object) -> bytes:
    if not isinstance(value, str) or not HEX.match(value) or len(value) % 2:
        raise InvalidParams("data is 0x and an even number of hexadecimal digits")
    return bytes.fromhex(value[2:])


def address(value: object) -> bytes:
    return _sized(value, 20, "an address is 0x and 40 hexadecimal digits")


def word(value: object) -> bytes:
    return _sized(value, 32, "a hash is 0x and 64 hexadecimal digits")


def nonce(value: object) -> int:
    found = quantity(value)
    if found >= 2**64:
        raise InvalidParams("a nonce has at most 64 bits")
    return found


def slot(value: object) -> int:
    """A place in storage, as a quantity or as a whole word."""
    return quantity(value)


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidParams("true or false is expected")
    return value


def block_tag(value: object) -> BlockTag:
    """A tag, a number, or EIP-1898's object."""
    if isinstance(value, dict):
        if "blockHash" in value:
            return word(value["blockHash"])
        return quantity(value.get("blockNumber"))
    if isinstance(value, str) and value in TAGS:
        return value
    return quantity(value)


def percentiles(value: object) -> list[float]:
    if not isinstance(value, list) or len(value) > 100:
        raise InvalidParams("at most 100 percentiles are expected")
    if not all(isinstance(part, int | float) and 0 <= part <= 100 for part in value):
        raise InvalidParams("a percentile is a number from 0 to 100")
    return [float(part) for part in value]


def message(value: object) -> Message:
    """A call as clients describe it. What it does not say is free of charge and from nobody."""
    call = _object(value, "a call")
    fees = [_maybe(call, name, quantity, 0) for name in ("gasPrice", "maxFeePerGas")]
    tip = _maybe(call, "maxPriorityFeePerGas", quantity, fees[0])
    if fees[1] and tip > fees[1]:
        raise InvalidParams("maxPriorityFeePerGas is higher than maxFeePerGas")
    if all(fees):
        raise InvalidParams("both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified")
    return Message(
        sender=_maybe(call, "from", address, bytes(20)),
        to=_maybe(call, "to", address, None),
        gas=min(_maybe(call, "gas", quantity, GAS_LIMIT), GAS_LIMIT),
        data=_maybe(call, "input", data, _maybe(call, "data", data, b"")),
        value=_maybe(call, "value", quantity, 0),
        max_fee=max(fees),
        max_priority_fee=min(tip, max(fees)),
        access_list=_maybe(call, "accessList", _access_list, ()),
    )


def changes(value: object) -> dict[bytes, Change]:
    """State overrides, by address."""
    return {address(who): _change(what) for who, what in _object(value, "overrides").items()}


def addresses(value: object) -> list[bytes]:
    """One address, a list of them, or null for any."""
    if value is None:
        return []
    return [address(part) for part in _choices(value)]


def topics(value: object) -> Topics:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > 4:
        raise InvalidParams("topics are a list of at most four")
    return [[] if part is None else [word(one) for one in _choices(part)] for part in value]


def search(value: object) -> dict[str, Any]:
    """A log filter's object."""
    return _object(value, "a filter")


def _change(value: object) -> Change:
    what = _object(value, "an override")
    whole = "state" in what
    if whole and "stateDiff" in what:
        raise InvalidParams("both state and stateDiff are given")
    return Change(
        nonce=_maybe(what, "nonce", nonce, None),
        balance=_maybe(what, "balance", quantity, None),
        code=_maybe(what, "code", data, None),
        storage=_maybe(what, "state" if whole else "stateDiff", _storage, None),
        wipe=whole,
    )


def _storage(value: object) -> Mapping[int, int]:
    return {slot(key): quantity(part) for key, part in _object(value, "storage").items()}


def _access_list(value: object) -> AccessList:
    if not isinstance(value, list) or len(value) > MOST_CHOICES:
        raise InvalidParams("an access list is a list")
    return tuple(_accesses(_object(part, "an access")) for part in value)


def _accesses(part: dict[str, Any]) -> tuple[bytes, tuple[int, ...]]:
    slots = part.get("storageKeys") or []
    if not isinstance(slots, list) or len(slots) > MOST_CHOICES:
        raise InvalidParams("storageKeys are a list")
    return address(part.get("address")), tuple(slot(key) for key in slots)


def _maybe(given: dict[str, Any], name: str, read: Callable[[object], T], default: Any) -> Any:
    if given.get(name) is None:
        return default
    try:
        return read(given[name])
    except InvalidParams as fault:
        raise InvalidParams(f"{name}: {fault}") from fault


def _choices(value: object) -> list[Any]:
    found = value if isinstance(value, list) else [value]
    if len(found) > MOST_CHOICES:
        raise InvalidParams(f"at most {MOST_CHOICES} choices are taken")
    return found


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidParams(f"{what} is an object")
    return value


def _sized(value: object, size: int, sentence: str) -> bytes:
    found = data(value)
    if len(found) != size:
        raise InvalidParams(sentence)
    return found
