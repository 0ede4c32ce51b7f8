"""Private bytes as shards: sealed stripe by stripe, then coded so that any k of n bring them back.

A stripe is k × (1 MiB − 80) bytes with its seal; liberasurecode puts 80 bytes before each shard,
so a shard of a full stripe is one block of 1 MiB. Shards of one number are the leaves of one
file, a **column**, which is what a node leases. Coding is deterministic: a shard made anew has
the same bytes and the same CID.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pyeclib.ec_iface import ECDriver, ECDriverError

from node_bridge.errors import NodeError

SHARD = 1 << 20  # bytes of a whole one, header included
HEADER = 80  # bytes of liberasurecode before each shard
TAG = 16  # bytes of AES-GCM behind each stripe
KEY = 32  # bytes
PART_STRIPES = 256  # of one column; a larger file has several parts, each on nodes of its own
CODER = "isa_l_rs_cauchy"
NAME = re.compile(CODER + r":(\d{1,2}):(\d{1,2})", re.ASCII)


class BadCodec(NodeError):
    """No code of this name is known here."""


class TooFewShards(NodeError):
    """Fewer than k shards of a stripe: its bytes cannot be brought back from them."""


class BadSeal(NodeError):
    """The bytes are not what was sealed with this key at this place."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Any `k` of `n` shards are enough."""

    k: int
    n: int

    @property
    def name(self) -> str:
        return f"{CODER}:{self.k}:{self.n}"

    @property
    def stripe(self) -> int:
        """Bytes of a file in one full stripe."""
        return self.k * (SHARD - HEADER) - TAG

    def encode(self, sealed: bytes) -> list[bytes]:
        """The n shards of a sealed stripe."""
        return list(_driver(self.k, self.n).encode(sealed))

    def decode(self, shards: Iterable[bytes]) -> bytes:
        """The sealed stripe from any k of its shards, each of them verified by its CID before.

        Raises TooFewShards.
        """
        given = list(shards)
        if len(given) < self.k:
            raise TooFewShards(f"{len(given)} shards are here, {self.k} are needed.")
        try:
            return bytes(_driver(self.k, self.n).decode(given))
        except ECDriverError as error:
            raise TooFewShards(f"The shards do not fit together: {error}") from error

    def remake(self, shards: Iterable[bytes], number: int) -> bytes:
        """The shard of this number, byte for byte, from any k others; raises TooFewShards."""
        given = list(shards)
        if len(given) < self.k:
            raise TooFewShards(f"{len(given)} shards are here, {self.k} are needed.")
        try:
            return bytes(_driver(self.k, self.n).reconstruct(given, [number])[0])
        except ECDriverError as error:
            raise TooFewShards(f"The shards do not fit together: {error}") from error


SMALL, MIDDLE, LARGE = Codec(3, 5), Codec(6, 10), Codec(10, 16)


def for_operators(count: int) -> Codec | None:
    """What so many independent operators are enough for, with some to spare for repair once they
    are many; None when they are too few for any.
    """
    if count >= 20:
        return LARGE
    if count >= 12:
        return MIDDLE
    return SMALL if count >= SMALL.n else None


def read(name: object) -> Codec:
    """The codec of that name; raises BadCodec."""
    found = NAME.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        raise BadCodec("This is not the name of a code.")
    codec = Codec(int(found[1]), int(found[2]))
    if not 1 <= codec.k < codec.n <= 32:
        raise BadCodec(f"There is no code of {codec.k} in {codec.n}.")
    return codec


class Seal:
    """AES-256-GCM for the pieces of one thing, each under its number.

    The key is derived from the file's own (HKDF-SHA256) for one `purpose`, so a number is used
    once. No piece can be put in another's place, nor in another file.
    """

    def __init__(self, key: bytes, purpose: str) -> None:
        derive = HKDF(SHA256(), KEY, salt=None, info=b"wetube private 1 " + purpose.encode())
        self._cipher = AESGCM(derive.derive(key))

    def close(self, number: int, data: bytes | memoryview) -> bytes:
        return self._cipher.encrypt(number.to_bytes(12, "big"), data, None)

    def open(self, number: int, sealed: bytes) -> bytes:
        """Raises BadSeal."""
        try:
            return self._cipher.decrypt(number.to_bytes(12, "big"), sealed, None)
        except InvalidTag as error:
            raise BadSeal("These bytes were not sealed with this key, or not here.") from error


def matching(shards: Mapping[int, bytes], wanted: int) -> list[bytes]:
    """Shards to work from, those with the file's own bytes first: joining them costs least."""
    return [shards[number] for number in sorted(shards)][:wanted]


@cache
def _driver(k: int, n: int) -> ECDriver:
    return ECDriver(k=k, m=n - k, ec_type=CODER)
