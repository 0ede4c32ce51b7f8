"""murmur3-x64-64, the hash that HAMT folders spread their names by (multihash 0x22)."""

MASK = (1 << 64) - 1
C1, C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


def digest(data: bytes) -> bytes:
    """The first 8 bytes, big-endian, of MurmurHash3_x64_128 with seed 0."""
    h1 = h2 = 0
    whole = len(data) - len(data) % 16
    for place in range(0, whole, 16):
        h1 ^= _mix1(int.from_bytes(data[place : place + 8], "little"))
        h1 = (_rotate(h1, 27) + h2) * 5 + 0x52DCE729 & MASK
        h2 ^= _mix2(int.from_bytes(data[place + 8 : place + 16], "little"))
        h2 = (_rotate(h2, 31) + h1) * 5 + 0x38495AB5 & MASK
    tail = data[whole:]
    h2 ^= _mix2(int.from_bytes(tail[8:], "little"))
    h1 ^= _mix1(int.from_bytes(tail[:8], "little"))
    h1, h2 = h1 ^ len(data), h2 ^ len(data)
    h1 = h1 + h2 & MASK
    h2 = h2 + h1 & MASK
    return (_finish(h1) + _finish(h2) & MASK).to_bytes(8, "big")


def _mix1(word: int) -> int:
    return _rotate(word * C1 & MASK, 31) * C2 & MASK


def _mix2(word: int) -> int:
    return _rotate(word * C2 & MASK, 33) * C1 & MASK


def _rotate(word: int, bits: int) -> int:
    return (word << bits | word >> 64 - bits) & MASK


def _finish(word: int) -> int:
    word = (word ^ word >> 33) * 0xFF51AFD7ED558CCD & MASK
    word = (word ^ word >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return word ^ word >> 33
