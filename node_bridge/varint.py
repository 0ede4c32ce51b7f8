"""Unsigned varints (LEB128) as multiformats and protobuf write them, minimal form only."""


class BadVarint(ValueError):
    """The number is cut short, longer than needed, or above 64 bits."""


def encode(number: int) -> bytes:
    """The number, 0 ≤ number < 2⁶⁴, in 7-bit groups, lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def decode(data: bytes, start: int = 0) -> tuple[int, int]:
    """The number at `start` and the place after it; raises BadVarint."""
    number = shift = 0
    for place in range(start, min(start + 10, len(data))):
        byte = data[place]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number >> 64 or (byte == 0 and place > start):
                break
            return number, place + 1
        shift += 7
    raise BadVarint("A number is cut short, padded or above 64 bits.")
