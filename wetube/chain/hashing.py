"""Keccak-256, the hash of the EVM: the fast C module where it is installed, else pycryptodome."""

try:
    from sha3 import keccak_256  # type: ignore[import-untyped]
except ImportError:  # no wheel for this machine
    from Crypto.Hash import keccak as pycryptodome

    def keccak_256(data: bytes) -> pycryptodome.Keccak_Hash:
        return pycryptodome.new(data=data, digest_bits=256)


def keccak(data: bytes) -> bytes:
    """32 bytes."""
    return bytes(keccak_256(data).digest())
