"""Blind signatures on secp256k1, as Cashu's NUT-00 (BDHKE) and NUT-12 (DLEQ) write them.

G is the generator, n the order of the group, k the mint's key for one amount and K = kG. Who
wants a token picks a secret x and a blinding number r, and shows only B_ = Y + rG with
Y = hash_to_curve(x). The mint answers C_ = kB_; the other side takes C = C_ - rK = kY. A pair
(x, C) is good when C = k * hash_to_curve(x), and the mint cannot know which B_ it came from.
Points travel as 33 bytes (SEC 1, compressed) in lower-case hexadecimal digits.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256

from coincurve import PublicKey

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SEPARATOR = b"Secp256k1_HashToCurve_Cashu_"
NONCE_TAG = b"Cashu_DLEQ_R_v1"
_COMPRESSED = re.compile(r"0[23][0-9a-f]{64}", re.ASCII)


class NotAPoint(ValueError):
    """These digits are no point of the curve in its one canonical form."""


@dataclass(frozen=True)
class Proven:
    """C_ for one B_, and the proof (e, s) that the mint's published key made it."""

    c_: str
    e: str
    s: str


def hash_to_curve(message: bytes) -> PublicKey:
    """Y = the first point 02 || SHA256(SHA256(SEPARATOR || message) || counter) there is.

    The counter has 32 bits, the lowest byte first. About every second try is a point.
    """
    seed = sha256(SEPARATOR + message).digest()
    for counter in range(2**16):
        x = sha256(seed + counter.to_bytes(4, "little")).digest()
        try:
            return PublicKey(b"\x02" + x)
        except ValueError:
            continue
    raise NotAPoint("No message is known for which this happens.")


def point(digits: object) -> PublicKey:
    """The point these digits write. Raises NotAPoint, for infinity too: it has no such form."""
    if not isinstance(digits, str) or not _COMPRESSED.fullmatch(digits):
        raise NotAPoint("A point is 02 or 03 and 64 lower-case hexadecimal digits.")
    try:
        return PublicKey(bytes.fromhex(digits))
    except ValueError as error:
        raise NotAPoint("These digits are no point of secp256k1.") from error


def written(place: PublicKey) -> str:
    """The 66 digits of a point."""
    return str(place.format().hex())


def key_of(k: bytes) -> str:
    """K = kG."""
    return written(PublicKey.from_secret(k))


def y_of(secret: str) -> str:
    """What a spent token is known by: the point its secret hashes to. Raises NotAPoint."""
    try:
        return written(hash_to_curve(secret.encode()))
    except UnicodeEncodeError as error:
        raise NotAPoint("A secret is text.") from error


def sign(k: bytes, blinded: PublicKey) -> Proven:
    """C_ = kB_, with e = hash(R1, R2, K, C_) and s = p + ek mod n for R1 = pG and R2 = pB_."""
    signed, key = blinded.multiply(k), PublicKey.from_secret(k)
    nonce = _nonce(k, key, blinded, signed)
    e = challenge(PublicKey.from_secret(nonce), blinded.multiply(nonce), key, signed)
    s = (_number(nonce) + _number(e) * _number(k)) % ORDER
    return Proven(c_=written(signed), e=e.hex(), s=s.to_bytes(32, "big").hex())


def is_good(k: bytes, y: str, c: str) -> bool:
    """Whether C = kY. Raises NotAPoint when C is none."""
    expected = PublicKey(bytes.fromhex(y)).multiply(k)
    return hmac.compare_digest(written(expected), written(point(c)))


def scalar(octets: bytes) -> bytes | None:
    """These 32 bytes if they are a private key; None for nought and for what is not below n."""
    return octets if 0 < _number(octets) < ORDER else None


def _nonce(k: bytes, key: PublicKey, blinded: PublicKey, signed: PublicKey) -> bytes:
    """p = HMAC-SHA256(k, NONCE_TAG || K || B_ || C_ || counter), the first one in 1 … n - 1."""
    said = NONCE_TAG + b"".join(each.format(compressed=False) for each in (key, blinded, signed))
    for counter in range(256):
        made = hmac.digest(k, said + bytes([counter]), sha256)
        if 0 < _number(made) < ORDER:
            return made
    raise NotAPoint("No key is known for which this happens.")


def challenge(*points: PublicKey) -> bytes:
    """hash(…) of NUT-12: SHA-256 over the hexadecimal digits of the uncompressed points."""
    text = "".join(each.format(compressed=False).hex() for each in points)
    return sha256(text.encode()).digest()


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")
