"""Who a party of the network is: an Ed25519 key, its public half written as a libp2p PeerId.

A PeerId (libp2p specs, peer-ids) is the base58btc text of an identity multihash
around the key in protobuf, so `12D3Koo…` carries the whole public key.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from node_bridge.cid import BASE58

PeerId = str

PREFIX = b"\x00\x24\x08\x01\x12\x20"  # identity hash of 36 bytes: type Ed25519, a key of 32 bytes
MAX_TEXT = 64  # letters; a PeerId of this kind has 52
SEED = 32  # bytes of a private key

# RFC 8032: a key is y below P in little endian, with the sign of x above it. Under a key of small
# order, which has one of eight points with these y, anybody's signature may hold for any message.
P = 2**255 - 19
EIGHTH = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
SMALL_ORDER = {0, 1, P - 1, EIGHTH, P - EIGHTH}


class BadPeerId(ValueError):
    """The text is not the PeerId of an Ed25519 key."""


class BadKeyFile(Exception):
    """The file does not hold one private key, or others may read it."""


@dataclass(frozen=True)
class Identity:
    """A private key and its name. `repr` never shows the key."""

    key: Ed25519PrivateKey
    peer_id: PeerId

    @classmethod
    def create(cls) -> Self:
        return cls._of(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> Self:
        """The identity kept at `path`; raises FileNotFoundError, BadKeyFile."""
        if path.stat().st_mode & 0o077:
            raise BadKeyFile(f"Others may read {path}. Run: chmod 600 {path}")
        seed = path.read_bytes()
        if len(seed) != SEED:
            raise BadKeyFile(f"{path} does not hold a private key of {SEED} bytes.")
        return cls._of(Ed25519PrivateKey.from_private_bytes(seed))

    def save(self, path: Path) -> None:
        """Keep it at `path`, for its owner alone, durable; raises FileExistsError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{token_hex(8)}")  # threads save at once, too
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self.key.private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # unlike a rename, never over another key
        finally:
            part.unlink()

    def sign(self, message: bytes) -> bytes:
        """A signature of 64 bytes."""
        return self.key.sign(message)

    @classmethod
    def _of(cls, key: Ed25519PrivateKey) -> Self:
        return cls(key, peer_id(key.public_key()))

    def __repr__(self) -> str:
        return f"Identity({self.peer_id})"


def peer_id(key: Ed25519PublicKey) -> PeerId:
    """A public key as the network writes it."""
    number = int.from_bytes(PREFIX + key.public_bytes_raw(), "big")
    letters = []
    while number:
        number, digit = divmod(number, 58)
        letters.append(BASE58[digit])
    return "1" + "".join(reversed(letters))  # "1" stands for the one zero byte in front


def public_key(peer: PeerId) -> Ed25519PublicKey:
    """The key that a PeerId carries; raises BadPeerId."""
    if not peer.startswith("1") or len(peer) > MAX_TEXT:
        raise BadPeerId("This is not the PeerId of an Ed25519 key.")
    number = 0
    for letter in peer[1:]:
        digit = BASE58.find(letter)
        if digit < 0:
            raise BadPeerId("This is not base58, so not a PeerId.")
        number = number * 58 + digit
    data = number.to_bytes(max(len(PREFIX) + 32, (number.bit_length() + 7) // 8), "big")
    if not data.startswith(PREFIX) or len(data) != len(PREFIX) + 32 or peer[1:2] == "1":
        raise BadPeerId("This is not the PeerId of an Ed25519 key.")
    y = int.from_bytes(data[len(PREFIX) :], "little") & ((1 << 255) - 1)
    if y >= P or y in SMALL_ORDER:
        raise BadPeerId("Nobody alone can sign with this Ed25519 key.")
    try:
        return Ed25519PublicKey.from_public_bytes(data[len(PREFIX) :])
    except ValueError as error:
        raise BadPeerId("No Ed25519 key lies in this PeerId.") from error


def verify(peer: PeerId, message: bytes, signature: bytes) -> bool:
    """Whether `peer` signed `message`; raises BadPeerId."""
    try:
        public_key(peer).verify(signature, message)
    except InvalidSignature:
        return False
    return True
