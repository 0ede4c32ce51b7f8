"""How viewers' money is split: creator 70 % and the remainder, nodes 20 %, gateway 10 %."""

import hashlib
import json
from typing import NamedTuple

from django.db import connection

from wetube.cloudcoin.models import RateCard

_NEWEST = (
    "SELECT id, version, nodes_ppm, gateway_ppm FROM cloudcoin_ratecard"
    " ORDER BY version DESC LIMIT 1"
)
_FIELDS = ("id", "version", "nodes_ppm", "gateway_ppm")
VERSION, NODES_PPM, GATEWAY_PPM = 1, 200_000, 100_000


class Shares(NamedTuple):
    """Drops for each; they sum to the amount."""

    payee: int
    nodes: int
    gateway: int


def current() -> RateCard:
    """The card that charges of today are split by; written down at its first use."""
    with connection.cursor() as cursor:  # asked for every batch of charges
        cursor.execute(_NEWEST)
        row = cursor.fetchone()
    if row and row[1] >= VERSION:
        return RateCard.from_db(connection.alias, _FIELDS, row)
    card, _ = RateCard.objects.get_or_create(
        version=VERSION,
        defaults={
            "nodes_ppm": NODES_PPM,
            "gateway_ppm": GATEWAY_PPM,
            "digest": digest(VERSION, NODES_PPM, GATEWAY_PPM),
        },
    )
    return card


def split(amount: int, card: RateCard) -> Shares:
    """floor(amount · ppm / 10⁶) for nodes and gateway; the payee has all the rest."""
    nodes = amount * card.nodes_ppm // 1_000_000
    gateway = amount * card.gateway_ppm // 1_000_000
    return Shares(amount - nodes - gateway, nodes, gateway)


def digest(version: int, nodes_ppm: int, gateway_ppm: int) -> str:
    """SHA-256 of the card's terms: what a receipt names."""
    terms = {"version": version, "nodes_ppm": nodes_ppm, "gateway_ppm": gateway_ppm}
    return hashlib.sha256(json.dumps(terms, sort_keys=True).encode()).hexdigest()
