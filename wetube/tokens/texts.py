"""Tokens as text (NUT-00: `cashuA…` JSON, `cashuB…` CBOR), and what to pay (NUT-18: `creqA…`)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error

from django.conf import settings
from django.utils.translation import gettext as _

from wetube.tokens import cbor, inputs
from wetube.tokens.denominations import UNIT
from wetube.tokens.inputs import Token
from wetube.tokens.refusals import Malformed, OtherMint, WrongUnit

LONGEST = 48 * 1024
# What JSON itself may raise beside ValueError when strangers nest it without end.
UNREADABLE = (ValueError, RecursionError)


def mint_url() -> str:
    """Where this mint's endpoints begin; part of every token."""
    return f"{settings.SITE_URL}/mint"


def read(text: str) -> list[Token]:
    """The tokens a text holds. Raises Malformed, OtherMint, WrongUnit and what inputs raise."""
    text = text.strip().removeprefix("cashu:")
    if len(text) > LONGEST:
        raise Malformed(_("This token is too long."))
    if text.startswith("cashuB"):
        return _read_b(_decoded(text[6:]))
    if text.startswith("cashuA"):
        return _read_a(_decoded(text[6:]))
    raise Malformed(_("A token begins with cashuA or cashuB."))


def request(amount: int) -> str:
    """What to pay here, as a payment request (NUT-18) that has no transport: by the same door."""
    asked: dict[str, cbor.Item] = {"a": amount, "u": UNIT, "m": [mint_url()]}
    return f"creqA{encoded(cbor.write(asked))}"


def encoded(octets: bytes) -> str:
    """Base64 for URLs without padding."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def listed(text: str) -> object:
    """JSON under base64 for URLs, as it travels in a header. Raises Malformed."""
    if len(text) > LONGEST:
        raise Malformed(_("This is too long."))
    try:
        found: object = json.loads(_decoded(text))
    except UNREADABLE as error:
        raise Malformed(_("This is not JSON under base64.")) from error
    return found


def _read_b(octets: bytes) -> list[Token]:
    try:
        said = cbor.read(octets)
    except cbor.NotCbor as error:
        raise Malformed(_("This token cannot be read.")) from error
    match said:
        case {"m": str(mint), "u": str(unit), "t": list(groups)}:
            _is_ours(mint, unit)
            return inputs.read([each for group in groups for each in _group(group)])
    raise Malformed(_("This token cannot be read."))


def _group(said: cbor.Item) -> list[dict[str, object]]:
    match said:
        case {"i": bytes(keyset), "p": list(tokens)}:
            return [_as_json(each, keyset.hex()) for each in tokens]
    raise Malformed(_("This token cannot be read."))


def _as_json(said: cbor.Item, keyset: str) -> dict[str, object]:
    match said:
        case {"a": int(amount), "s": str(secret), "c": bytes(c)}:
            return {"amount": amount, "id": keyset, "secret": secret, "C": c.hex()}
    raise Malformed(_("This token cannot be read."))


def _read_a(octets: bytes) -> list[Token]:
    try:
        said = json.loads(octets)
    except UNREADABLE as error:
        raise Malformed(_("This token cannot be read.")) from error
    match said:
        case {"token": [{"mint": str(mint), "proofs": proofs}], "unit": str(unit)}:
            _is_ours(mint, unit)
            return inputs.read(proofs)
    raise Malformed(_("This token cannot be read."))


def _is_ours(mint: str, unit: str) -> None:
    if mint.rstrip("/") != mint_url():
        raise OtherMint
    if unit != UNIT:
        raise WrongUnit


def _decoded(text: str) -> bytes:
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return urlsafe_b64decode(padded.encode("ascii"))
    except (Error, ValueError) as error:
        raise Malformed(_("This token cannot be read.")) from error
