"""Keys of people in these tests, and what they sign, by EIP-712 as eth-account reads it."""

from dataclasses import dataclass
from typing import Any

from eth_account.messages import encode_typed_data
from eth_hash.auto import keccak
from eth_keys.datatypes import PrivateKey

from wetube.cloudchain.canonical import CHAIN_ID

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

AUTHORIZATION = (
    "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce"
)
PERMIT = "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline"


@dataclass(frozen=True)
class Person:
    """A key; `address` is its twenty bytes."""

    key: PrivateKey
    address: bytes

    def sign(self, digest: bytes) -> bytes:
        """65 bytes: r, s (low), and v as 27 or 28."""
        raw = self.key.sign_msg_hash(digest).to_bytes()
        return bytes(raw[:64]) + bytes([raw[64] + 27])


def person(number: int) -> Person:
    key = PrivateKey(number.to_bytes(32, "big"))
    return Person(key, key.public_key.to_canonical_address())


def digest(domain: tuple[str, bytes], struct: str, fields: str, values: tuple[Any, ...]) -> bytes:
    """The EIP-712 digest of one flat struct; `domain` is a name, and a contract on this chain."""
    name, contract = domain
    parts = [field.split(" ") for field in fields.split(",")]
    signable = encode_typed_data(
        domain_data={
            "name": name, "version": "1", "chainId": CHAIN_ID, "verifyingContract": contract,
        },
        message_types={struct: [{"name": field, "type": kind} for kind, field in parts]},
        message_data=dict(zip([field for _, field in parts], values, strict=True)),
    )  # fmt: skip
    return bytes(keccak(b"\x19" + signable.version + signable.header + signable.body))


def malleable(signature: bytes) -> dict[str, bytes]:
    """Other forms of a signature, none of which a contract may take, by what was done to it."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    high = (ORDER - s).to_bytes(32, "big")
    other = 55 - v  # 27 for 28, 28 for 27
    compact = bytearray(signature[32:64])
    compact[0] |= (v - 27) << 7
    return {
        "v as 0 or 1": signature[:64] + bytes([v - 27]),
        "high s": r + high + bytes([other]),
        "high s, v as 0 or 1": r + high + bytes([other - 27]),
        "v with a chain in it": signature[:64] + bytes([v + 8]),
        "64 bytes (EIP-2098)": r + bytes(compact),
        "a byte more": signature + b"\x00",
        "nothing": b"",
        "zeros": bytes(65),
    }
