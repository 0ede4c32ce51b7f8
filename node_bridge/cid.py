"""CIDs: parsed from any common writing, printed in one (CIDv1, base32, lower case).

Formats: multiformats CID and multibase. Only sha2-256, sha2-512 and short
identity hashes are understood; blocks are keyed by their digest, so every
writing of one hash, with any codec, finds the same bytes.
"""

from base64 import b32decode, b32encode
from dataclasses import dataclass, field
from hashlib import sha256, sha512

from node_bridge import varint
from node_bridge.errors import BadCid

Cid = str  # canonical: CIDv1, base32, lower case

RAW = 0x55
CBOR = 0x51
DAG_PB = 0x70
DAG_CBOR = 0x71
JSON = 0x0200
DAG_JSON = 0x0129
LINKLESS = frozenset((RAW, CBOR, JSON))  # codecs of blocks that never link to others
SHA2_256 = 0x12
SHA2_512 = 0x13
IDENTITY = 0x00
HASHES = {SHA2_256: 32, SHA2_512: 64}  # bytes of a digest
MAX_INLINE = 128  # bytes an identity CID may carry
MAX_TEXT = 256  # above every writing of an identity CID of 128 bytes

BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class ParsedCid:
    """A CID in its parts; `digest` is the inlined data when `hash` is IDENTITY.

    `version` is how the CID came, 0 or 1: the same CID either way.
    """

    codec: int
    digest: bytes
    hash: int = SHA2_256
    version: int = field(default=1, compare=False)

    def __str__(self) -> Cid:
        return "b" + b32encode(bytes(self)).decode().rstrip("=").lower()

    def __bytes__(self) -> bytes:
        if self.hash == SHA2_256 and self.codec < 0x80:
            return b"\x01%c\x12\x20%b" % (self.codec, self.digest)
        parts = (1, self.codec, self.hash, len(self.digest))
        return b"".join(map(varint.encode, parts)) + self.digest

    @property
    def link(self) -> bytes:
        """Its bytes in the version it came in, as links and archives of others have it."""
        return b"\x12\x20" + self.digest if self.version == 0 else bytes(self)

    @property
    def written(self) -> str:
        """Its text in the version it came in: `Qm…` for a CIDv0."""
        return to_base58(self.link) if self.version == 0 else str(self)

    @property
    def inline(self) -> bytes | None:
        """The data itself where the CID carries it, else None."""
        return self.digest if self.hash == IDENTITY else None


def is_sound(data: bytes | memoryview, digest: bytes) -> bool:
    """Are these the bytes of a digest? Its length tells sha2-256 from sha2-512."""
    if len(digest) == HASHES[SHA2_512]:
        return sha512(data).digest() == digest
    return sha256(data).digest() == digest


def of_digest(digest: bytes, codec: int = RAW) -> ParsedCid:
    """The CID of a block known by its digest alone."""
    return ParsedCid(codec, digest, SHA2_512 if len(digest) == HASHES[SHA2_512] else SHA2_256)


def to_base58(data: bytes) -> str:
    number, letters = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        letters = BASE58[digit] + letters
    return letters


def of(data: bytes | memoryview, codec: int = RAW) -> ParsedCid:
    """The sha2-256 CID of a block."""
    return ParsedCid(codec, sha256(data).digest())


def canonical(text: str) -> Cid:
    """The same CID as canonical text; raises BadCid."""
    return str(parse(text))


def parse(text: str) -> ParsedCid:
    """A CID from CIDv0, or CIDv1 in base32, base36 or base58btc; raises BadCid."""
    if len(text) > MAX_TEXT or not text.isascii():
        raise BadCid("This is too long to be a CID, or not in ASCII.")
    if len(text) == 46 and text.startswith("Qm"):
        return _version_0(_from_base(text, BASE58))
    data = _from_multibase(text)
    if data[:1] != b"\x01":
        raise BadCid("This is not a CIDv1.")
    return decode(data)


def decode(data: bytes) -> ParsedCid:
    """A CID from its bytes, all of them; raises BadCid."""
    parsed, end = decode_at(data, 0)
    if end != len(data):
        raise BadCid("Bytes follow the end of the CID.")
    return parsed


def decode_at(data: bytes, start: int) -> tuple[ParsedCid, int]:
    """The binary CID at `start` and the place after it; raises BadCid."""
    if data[start : start + 2] == b"\x12\x20":
        return _version_0(data[start : start + 34]), start + 34
    if data[start : start + 4] in _COMMON and len(data) >= start + 36:
        return ParsedCid(data[start + 1], data[start + 4 : start + 36]), start + 36
    return _version_1(data, start)


_COMMON = frozenset((b"\x01\x55\x12\x20", b"\x01\x70\x12\x20"))


def _version_0(data: bytes) -> ParsedCid:
    if len(data) != 34 or data[:2] != b"\x12\x20":
        raise BadCid("A CIDv0 is a sha2-256 hash of 32 bytes.")
    return ParsedCid(DAG_PB, data[2:], version=0)


def _version_1(data: bytes, place: int) -> tuple[ParsedCid, int]:
    numbers = []
    try:
        for _ in range(4):
            number, place = varint.decode(data, place)
            numbers.append(number)
    except varint.BadVarint as error:
        raise BadCid("The CID is cut short or malformed.") from error
    version, codec, hash_, length = numbers
    if version != 1:
        raise BadCid(f"CID version {version} is not known here.")
    _check_hash(hash_, length)
    digest = data[place : place + length]
    if len(digest) != length:
        raise BadCid("The CID is cut short.")
    return ParsedCid(codec, digest, hash_), place + length


def _check_hash(hash_: int, length: int) -> None:
    if hash_ in HASHES:
        if length != HASHES[hash_]:
            raise BadCid(f"This hash has {HASHES[hash_]} bytes, not {length}.")
    elif hash_ != IDENTITY:
        raise BadCid(f"Only sha2 hashes are understood here, not hash 0x{hash_:x}.")
    elif length > MAX_INLINE:
        raise BadCid(f"An identity CID may carry {MAX_INLINE} bytes, not {length}.")


def _from_multibase(text: str) -> bytes:
    body = text[1:]
    match text[:1]:
        case "b" if body == body.lower():
            return _from_base32(body.upper())
        case "B":
            return _from_base32(body)
        case "k":
            return _from_base(body, BASE36)
        case "K" if body == body.upper():
            return _from_base(body.lower(), BASE36)
        case "z":
            return _from_base(body, BASE58)
    raise BadCid("This is not a CID in base32, base36 or base58.")


def _from_base32(body: str) -> bytes:
    try:
        data = b32decode(body + "=" * (-len(body) % 8))
    except ValueError as error:
        raise BadCid("This is not base32.") from error
    if b32encode(data).decode().rstrip("=") != body:
        raise BadCid("This base32 text is not in its canonical form.")
    return data


def _from_base(text: str, alphabet: str) -> bytes:
    """A number in the base of its alphabet; no CID begins with a zero, so none may here."""
    number = 0
    for letter in text:
        digit = alphabet.find(letter)
        if digit < 0:
            raise BadCid(f"The letter {letter!r} does not belong in this CID.")
        number = number * len(alphabet) + digit
    if not text or text[0] == alphabet[0]:
        raise BadCid("This is not a CID.")
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
