"""What a wallet does with the curve: blinding, unblinding, and seeing through a wrong proof."""

from coincurve import PrivateKey, PublicKey

from wetube.tokens import curve
from wetube.tokens.curve import ORDER, Proven


def random_scalar() -> bytes:
    """A private key, or a blinding number."""
    return bytes(PrivateKey().secret)


def blind(secret: str, r: bytes) -> str:
    """B_ = Y + rG."""
    y = curve.hash_to_curve(secret.encode())
    return curve.written(PublicKey.combine_keys([y, PublicKey.from_secret(r)]))


def unblind(c_: str, r: bytes, key: str) -> str:
    """C = C_ - rK."""
    both = [curve.point(c_), curve.point(key).multiply(_minus(r))]
    return curve.written(PublicKey.combine_keys(both))


def is_proven(key: str, blinded: str, proven: Proven) -> bool:
    """Whether the key K made this C_: e = hash(sG - eK, sB_ - eC_, K, C_)."""
    k, b_, c_ = curve.point(key), curve.point(blinded), curve.point(proven.c_)
    e, s = bytes.fromhex(proven.e), bytes.fromhex(proven.s)
    try:
        r1 = PublicKey.combine_keys([PublicKey.from_secret(s), k.multiply(_minus(e))])
        r2 = PublicKey.combine_keys([b_.multiply(s), c_.multiply(_minus(e))])
    except ValueError:  # one of them is infinity
        return False
    return curve.challenge(r1, r2, k, c_) == e


def _minus(octets: bytes) -> bytes:
    return (-int.from_bytes(octets, "big") % ORDER).to_bytes(32, "big")
