"""The checksum extension of tus 1.0.0: a digest that comes with the bytes."""

import binascii
import hashlib
import hmac
from base64 import b64decode

from gateway.refusals import Malformed

ALGORITHMS = ("sha1", "sha256", "md5")


class Checksum:
    """Fed with bytes, tells whether they are those that were promised."""

    def __init__(self, algorithm: str, digest: bytes) -> None:
        self._hash = hashlib.new(algorithm, usedforsecurity=False)
        self._digest = digest

    def update(self, data: bytes) -> None:
        self._hash.update(data)

    def is_met(self) -> bool:
        return hmac.compare_digest(self._hash.digest(), self._digest)


def parse(header: str | None) -> Checksum | None:
    """`<algorithm> <base64 digest>`; None without a header; raises Malformed."""
    if header is None:
        return None
    algorithm, _, text = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise Malformed(f"Upload-Checksum knows {', '.join(ALGORITHMS)}.")
    try:
        return Checksum(algorithm, b64decode(text.strip(), validate=True))
    except (binascii.Error, ValueError):
        raise Malformed("The digest in Upload-Checksum is not base64.") from None
