"""The part of CBOR (RFC 8949) that tokens are written in: whole numbers, bytes, text, lists, maps.

Everything else - tags, floats, lengths left open, depth without end - is refused, since
strangers write what is read here.
"""

from typing import TypeAlias

Item: TypeAlias = "int | bytes | str | list[Item] | dict[str, Item]"
DEEPEST = 8
_UNSIGNED, _BYTES, _TEXT, _LIST, _MAP = 0, 2, 3, 4, 5


class NotCbor(ValueError):
    """These bytes are not what tokens are written in."""


def read(octets: bytes) -> Item:
    """The one item these bytes hold. Raises NotCbor."""
    reader = _Reader(octets)
    item = reader.item(DEEPEST)
    if reader.place != len(octets):
        raise NotCbor("There is more after the end.")
    return item


def write(item: Item) -> bytes:
    """The shortest form; maps keep their order."""
    match item:
        case int():
            return _head(_UNSIGNED, item)
        case bytes():
            return _head(_BYTES, len(item)) + item
        case str():
            return _head(_TEXT, len(item.encode())) + item.encode()
        case list():
            return _head(_LIST, len(item)) + b"".join(map(write, item))
        case dict():
            pairs = (write(part) for pair in item.items() for part in pair)
            return _head(_MAP, len(item)) + b"".join(pairs)


class _Reader:
    def __init__(self, octets: bytes) -> None:
        self.octets, self.place = octets, 0

    def item(self, depth: int) -> Item:
        if not depth:
            raise NotCbor("Too deep.")
        kind, number = self._begin()
        match kind:
            case 0:
                return number
            case 2:
                return self._take(number)
            case 3:
                return self._text(number)
            case 4:
                return [self.item(depth - 1) for _ in range(self._count(number))]
            case 5:
                return self._map(number, depth - 1)
        raise NotCbor("Only whole numbers, bytes, text, lists and maps.")

    def _map(self, count: int, depth: int) -> dict[str, Item]:
        made: dict[str, Item] = {}
        for _ in range(self._count(count)):
            name = self.item(depth)
            if not isinstance(name, str) or name in made:
                raise NotCbor("A map's names are texts, each once.")
            made[name] = self.item(depth)
        return made

    def _begin(self) -> tuple[int, int]:
        first = self._take(1)[0]
        kind, size = first >> 5, first & 31
        if size < 24:
            return kind, size
        if size > 27:
            raise NotCbor("A length must be said.")
        return kind, int.from_bytes(self._take(1 << (size - 24)), "big")

    def _text(self, length: int) -> str:
        try:
            return self._take(length).decode()
        except UnicodeDecodeError as error:
            raise NotCbor("Text is UTF-8.") from error

    def _count(self, number: int) -> int:
        """Each thing takes a byte at least, so a count beyond the end is a lie."""
        if number > len(self.octets) - self.place:
            raise NotCbor("It ends too early.")
        return number

    def _take(self, length: int) -> bytes:
        taken = self.octets[self.place : self.place + length]
        if len(taken) < length:
            raise NotCbor("It ends too early.")
        self.place += length
        return taken


def _head(kind: int, number: int) -> bytes:
    if not 0 <= number < 2**64:
        raise NotCbor("Whole numbers from 0 to 2⁶⁴ - 1.")
    if number < 24:
        return bytes([kind << 5 | number])
    power = next(power for power in range(4) if number < 2 ** (8 << power))
    return bytes([kind << 5 | 24 + power]) + number.to_bytes(1 << power, "big")
