"""Payment channels and their vouchers: what is signed, and by whom (x402 batch settlement).

A channel's id is the EIP-712 hash of its configuration; a voucher says "of this
channel, so many drops may be claimed in all". Both are hashed here by hand because
a gateway does it thousands of times a second; x402's own client is the judge in tests.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from coincurve import PublicKey

from wetube.chain import addresses
from wetube.chain.hashing import keccak
from wetube.chain.signatures import BadSignature, canonical

# The addresses at which every x402 client looks for these contracts, on any chain.
CHANNELS = "0x4020074e9dF2ce1deE5A9C1b5c3f541D02a10003"
COLLECTOR = "0x4020806089470a89826cB9fB1f4059150b550004"
MULTICALL = "0xcA11bde05977b3631167028862bE2a173976CA11"

MOST = 2**128 - 1
_DOMAIN = keccak(
    b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
_NAME, _VERSION = keccak(b"x402 Batch Settlement"), keccak(b"1")
_VOUCHER = keccak(b"Voucher(bytes32 channelId,uint128 maxClaimableAmount)")
_CONFIG = keccak(
    b"ChannelConfig(address payer,address payerAuthorizer,address receiver,"
    b"address receiverAuthorizer,address token,uint40 withdrawDelay,bytes32 salt)"
)
_PARTIES = ("payer", "payerAuthorizer", "receiver", "receiverAuthorizer", "token")


class BadConfig(ValueError):
    """Not the configuration of a payment channel."""


def channel_id(config: Mapping[str, Any], chain_id: int) -> bytes:
    """32 bytes; `config` is named as in the x402 specification.

    Raises BadConfig when a part is missing or out of range.
    """
    try:
        parties = b"".join(_word(addresses.raw(config[party])) for party in _PARTIES)
        delay, salt = int(config["withdrawDelay"]), bytes.fromhex(config["salt"].removeprefix("0x"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadConfig("This is no configuration of a payment channel.") from error
    if not 0 <= delay < 2**40 or len(salt) != 32:
        raise BadConfig("The delay or the salt of this payment channel is out of range.")
    return keccak(_prefix(chain_id) + keccak(_CONFIG + parties + delay.to_bytes(32) + salt))


def digest(chain_id: int, channel: bytes, most: int) -> bytes:
    """What the payer's key signs to say: of this channel, `most` drops may be claimed in all."""
    if len(channel) != 32 or not 0 <= most <= MOST:
        raise BadConfig("A voucher names a channel of 32 bytes and at most 2¹²⁸ − 1 drops.")
    return keccak(_prefix(chain_id) + keccak(_VOUCHER + channel + most.to_bytes(32)))


def signer(signed: bytes, signature: bytes) -> str:
    """The address whose key signed the digest `signed`; raises BadSignature.

    Any form that can be made canonical is understood; store `canonical(signature)`, not this one.
    """
    return addresses.checksummed(raw_signer(signed, canonical(signature)))


def raw_signer(signed: bytes, right: bytes) -> bytes:
    """As `signer`, of a canonical signature: the 20 bytes, for who compares thousands a second."""
    try:
        key = PublicKey.from_signature_and_message(
            right[:64] + bytes([right[64] - 27]), signed, hasher=None
        )
    except ValueError as error:
        raise BadSignature("These bytes are no signature on secp256k1.") from error
    return keccak(key.format(compressed=False)[1:])[12:]


@lru_cache(maxsize=16)
def _prefix(chain_id: int) -> bytes:
    """What stands before every struct that is signed: EIP-191's mark and the domain (EIP-712)."""
    where = chain_id.to_bytes(32) + _word(addresses.raw(CHANNELS))
    return b"\x19\x01" + keccak(_DOMAIN + _NAME + _VERSION + where)


def _word(short: bytes) -> bytes:
    return short.rjust(32, b"\0")
