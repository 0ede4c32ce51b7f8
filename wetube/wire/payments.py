"""Reading the PAYMENT-SIGNATURE header: strangers' bytes in, a payment of known shape out."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wetube.chain import signatures, vouchers
from wetube.wire import terms
from wetube.wire.refusals import (
    BadSignature,
    ChannelMismatch,
    Malformed,
    OtherTerms,
    PriceChanged,
    WrongChain,
    WrongPayee,
    WrongScheme,
    WrongToken,
)
from wetube.wire.terms import Terms

MOST = 16 << 10  # characters of a header
DIGITS = 39  # of 2¹²⁸
KINDS = ("voucher", "deposit", "refund")
NOBODY = "0x" + "0" * 40


@dataclass(frozen=True, slots=True)
class Payment:
    """What a payer sends along: `kind` is voucher, deposit, refund or exact.

    `payload` is x402's; only what the functions here have read out of it may be believed.
    """

    kind: str
    accepted: Mapping[str, Any]
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """A voucher as it came: the channel's id in lower case, its sum, the signature as sent."""

    channel: str
    most: int
    signature: bytes


def read(header: str) -> Payment:
    """Raises Malformed and WrongScheme."""
    if len(header) > MOST:
        raise Malformed
    try:
        said = json.loads(b64decode(header, validate=True))
    except (NotBase64, ValueError, RecursionError) as error:
        raise Malformed from error
    version, accepted, payload = (
        _dict(said).get(name) for name in ("x402Version", "accepted", "payload")
    )
    if version != 2:
        raise Malformed
    accepted, payload = _dict(accepted), _dict(payload)
    return Payment(_kind(accepted, payload), accepted, payload)


def agree(payment: Payment, asked: Terms, price: int) -> None:
    """The payer accepted our terms and this price; raises what they took for granted wrongly."""
    accepted = payment.accepted
    if accepted.get("network") != asked.network:
        raise WrongChain
    if _lower(accepted.get("asset")) != asked.token.lower():
        raise WrongToken
    if _lower(accepted.get("payTo")) != asked.vault.lower():
        raise WrongPayee
    if payment.kind != "refund" and drops(accepted.get("amount")) != price:
        raise PriceChanged


def signed(payload: Mapping[str, Any]) -> Signed:
    """The voucher in the payload; raises Malformed."""
    voucher = _dict(payload.get("voucher"))
    channel = voucher.get("channelId")
    if not isinstance(channel, str) or len(octets(channel)) != 32:
        raise Malformed
    most = drops(voucher.get("maxClaimableAmount"))
    return Signed(channel.lower(), most, octets(voucher.get("signature"), most=400))


def config(payload: Mapping[str, Any], asked: Terms, channel: str) -> dict[str, Any]:
    """The configuration in the payload, checked against our terms and the channel's id.

    Raises Malformed, WrongPayee, WrongToken, OtherTerms, ChannelMismatch.
    """
    said = _dict(payload.get("channelConfig"))
    try:
        found = f"0x{vouchers.channel_id(said, asked.chain_id).hex()}"
    except vouchers.BadConfig as error:
        raise Malformed from error
    if found != channel:
        raise ChannelMismatch
    if _lower(said["receiver"]) != asked.vault.lower():
        raise WrongPayee
    if _lower(said["token"]) != asked.token.lower():
        raise WrongToken
    theirs = _lower(said["receiverAuthorizer"]), int(said["withdrawDelay"])
    if theirs != (asked.authorizer.lower(), terms.WITHDRAW_DELAY):
        raise OtherTerms
    if _lower(said["payerAuthorizer"]) == NOBODY:
        raise BadSignature  # a contract's word cannot be checked without the chain
    return said


def canonical(asked: Terms, voucher: Signed, authorizer: str) -> bytes:
    """The voucher's signature in the one form contracts take; raises BadSignature.

    `authorizer` is the address whose key signs for the channel.
    """
    try:
        digest = vouchers.digest(asked.chain_id, bytes.fromhex(voucher.channel[2:]), voucher.most)
        right = signatures.canonical(voucher.signature)
        signer = vouchers.raw_signer(digest, right)
    except (signatures.BadSignature, vouchers.BadConfig) as error:
        raise BadSignature from error
    if signer != bytes.fromhex(authorizer[2:]):
        raise BadSignature
    return right


def drops(said: object) -> int:
    """A whole number as x402 writes it, in decimal digits; raises Malformed."""
    if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) <= DIGITS:
        return int(said)
    raise Malformed


def octets(said: object, *, most: int = 32) -> bytes:
    """Bytes written as 0x and hexadecimal digits; raises Malformed."""
    if isinstance(said, str) and said.startswith("0x") and len(said) <= 2 + 2 * most:
        try:
            return bytes.fromhex(said[2:])
        except ValueError as error:
            raise Malformed from error
    raise Malformed


def _kind(accepted: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    scheme, kind = accepted.get("scheme"), payload.get("type")
    if scheme == terms.TRANSFER:
        return "exact"
    if scheme == terms.VOUCHER and kind in KINDS:
        return str(kind)
    raise WrongScheme


def _dict(said: object) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise Malformed
    return said


def _lower(said: object) -> str:
    return said.lower() if isinstance(said, str) else ""
