"""Addresses and ids as they stand in a log's topics: 0x and 64 digits."""

from wetube.chain import addresses


def topic_of(name: str) -> str:
    """Of an address, or of an id of 32 bytes; raises BadAddress."""
    if len(name) == 66 and name.startswith("0x"):
        return name.lower()
    return "0x" + addresses.raw(name).rjust(32, b"\0").hex()
