"""Answers as x402 v2 writes them: in headers for its clients, in JSON for people's programs."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from wetube.cloudcoin.models import Charge
from wetube.tokens import texts
from wetube.wire.goods import Good, Offer
from wetube.wire.refusals import Refused
from wetube.wire.terms import VOUCHER, Terms

Answer = tuple[int, Mapping[str, str], bytes]
JSON = {"Content-Type": "application/json"}
_compact = json.JSONEncoder(separators=(",", ":")).encode


def delivered(
    good: Good,
    charge: Charge,
    settled: dict[str, Any] | None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """What was bought, its receipt, and how it was paid (x402's SettleResponse, if it was so)."""
    body = {
        **good.deliver(charge),
        "receipt": {
            "key": charge.key,
            "amount": str(charge.amount),
            "payee": str(charge.payee_share),
            "nodes": str(charge.nodes_share),
            "gateway": str(charge.gateway_share),
        },
    }
    response = {"PAYMENT-RESPONSE": _packed(settled)} if settled else {}
    return 200, {**JSON, **response, **(headers or {})}, json.dumps(body).encode()


def acknowledged(said: dict[str, Any], settled: dict[str, Any]) -> Answer:
    return 200, {**JSON, "PAYMENT-RESPONSE": _packed(settled)}, json.dumps(said).encode()


def refused(refusal: Refused, *, url: str, offer: Offer | None, asked: Terms | None) -> Answer:
    """The refusal; a 402 says what would be accepted, and where the payer's count went wrong."""
    body = {"error": refusal.name, "reason": refusal.code, "message": str(refusal)}
    headers = dict(JSON)
    if refusal.retry_after:
        headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 402 and offer and asked:
        headers["PAYMENT-REQUIRED"] = _packed(_required(refusal, url, offer, asked))
    if refusal.status == 402 and isinstance(offer, Good):
        headers["X-Cashu"] = texts.request(offer.price)  # NUT-24
    return refusal.status, headers, json.dumps(body).encode()


def _required(refusal: Refused, url: str, offer: Offer, asked: Terms) -> dict[str, Any]:
    accepts = asked.accepts(offer)
    for requirements in accepts:
        if requirements["scheme"] == VOUCHER:
            requirements["extra"] |= refusal.corrections()
    return {
        "x402Version": 2,
        "error": refusal.code,
        "resource": {"url": url, "description": offer.label, "mimeType": "application/json"},
        "accepts": accepts,
    }


def _packed(said: dict[str, Any]) -> str:
    return b64encode(_compact(said).encode()).decode()
