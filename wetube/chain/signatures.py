"""Signatures in the one form that contracts accept.

One signature can be written in several ways that a lenient reader takes for the
same: with v of 0 and 1, with the other half of the curve for s, or both. Contracts
(OpenZeppelin's ECDSA) accept 65 bytes, s in the lower half, v 27 or 28, and nothing
else. So everything that comes in is rewritten to that form, which is still the same
signature, or refused.
"""

# The order of secp256k1 (SEC 2, section 2.4.1).
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class BadSignature(ValueError):
    """Not a signature that a contract could accept."""


def canonical(signature: bytes) -> bytes:
    """r, s in the lower half, and v of 27 or 28: 65 bytes.

    Raises BadSignature for another length, a v that is not 0, 1, 27 or 28, and r or s out of range.
    """
    if len(signature) != 65:
        raise BadSignature("A signature has 65 bytes.")
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:64])
    parity = {0: 0, 1: 1, 27: 0, 28: 1}.get(signature[64])
    if parity is None or not 0 < r < ORDER or not 0 < s < ORDER:
        raise BadSignature("These bytes are no signature on secp256k1.")
    if s > ORDER // 2:
        s, parity = ORDER - s, parity ^ 1
    return signature[:32] + s.to_bytes(32) + bytes([27 + parity])
