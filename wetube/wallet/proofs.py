"""A tab belongs to whoever's page holds its session key: the key signs a sentence that says so."""

from collections.abc import Mapping
from typing import Any

from wetube.chain import signatures, vouchers
from wetube.chain.hashing import keccak
from wetube.people.models import User
from wetube.wallet.refusals import NotYours


def sentence(user: User, channel: str) -> str:
    """What is signed: this person, this tab."""
    return f"The tab {channel} belongs to {user.key}."


def require(user: User, channel: str, config: Mapping[str, Any], signature: str) -> None:
    """Raises NotYours unless the channel's session key signed that it is this person's."""
    signed = personal(sentence(user, channel))
    try:
        signer = vouchers.signer(signed, bytes.fromhex(signature.removeprefix("0x")))
    except (signatures.BadSignature, ValueError) as error:
        raise NotYours from error
    if signer.lower() != str(config["payerAuthorizer"]).lower():
        raise NotYours


def personal(text: str) -> bytes:
    """The digest of a text that a key signs for people to read (EIP-191, `personal_sign`)."""
    octets = text.encode()
    return keccak(f"\x19Ethereum Signed Message:\n{len(octets)}".encode() + octets)
