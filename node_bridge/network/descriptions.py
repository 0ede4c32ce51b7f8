"""How a node describes itself: the statement it signs at registering and with each heartbeat."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from node_bridge.network import addresses, statements
from node_bridge.network.failures import BadAddress
from node_bridge.network.identity import Identity, PeerId
from node_bridge.network.statements import Malformed, text, whole

MAX_URLS = 8
MAX_BYTES = 1 << 60
MAX_PRICE = 1 << 50  # drops
MAX_SLOTS = 1024
MAX_RUNGS = 32
RUNG = re.compile(r"[\w.-]{1,20}", re.ASCII)
LASTS = 300  # seconds a description counts


@dataclass(frozen=True, slots=True)
class Prices:
    """Drops: `storage` a GiB and 30 days, `delivery` a GiB, `compute` an output second by rung."""

    storage: int
    delivery: int
    compute: Mapping[str, int]

    def for_rungs(self, rungs: Sequence[str]) -> int:
        """Drops for one output second at all these rungs, named by their short side in pixels.

        In the list, `720p` is `720`. A rung that is not listed costs what the next one above
        does, or else the largest; who lists none works for nothing.
        """
        named = ((name.removesuffix("p"), drops) for name, drops in self.compute.items())
        listed = {int(name): drops for name, drops in named if name.isdecimal()}
        return sum(_for_rung(listed, int(rung)) for rung in rungs)


@dataclass(frozen=True, slots=True)
class Description:
    """What a node offers. Sizes are bytes; `bandwidth` is bytes a second, 0 for no bound.

    hours: hours of the day (UTC, 0 to 23) it works in, none for all of them
    certificate: hex sha256 of the certificate (DER) its TLS shows
    payout: the address earnings may be sent to, "" to keep them in the books
    at: when it was said, Unix seconds; put in by whoever writes the statement
    """

    urls: tuple[str, ...]
    certificate: str
    capacity: int
    free: int
    prices: Prices
    bandwidth: int = 0
    hours: tuple[int, ...] = ()
    slots: int = 0
    payout: str = ""
    version: str = ""
    peer_id: PeerId = ""
    at: int = 0


def _for_rung(listed: Mapping[int, int], side: int) -> int:
    if not listed:
        return 0
    fitting = [rung for rung in listed if rung >= side]
    return listed[min(fitting) if fitting else max(listed)]


def write(said: Description, node: Identity, *, gateway: PeerId, now: float) -> str:
    """The statement, meant for `gateway`; raises Malformed for what no gateway would read."""
    claims = asdict(said)
    del claims["peer_id"], claims["at"]
    claims |= {"aud": gateway, "iat": int(now), "exp": int(now) + LASTS}
    statement = statements.state(node, statements.NODE, claims)
    read(statement, gateway=gateway, now=now)
    return statement


def read(statement: str, *, gateway: PeerId, now: float) -> Description:
    """What the node whose statement this is offers; raises statements.Refused."""
    claims = statements.read(statement, statements.NODE, by=None, to=gateway, now=now)
    at = whole(claims, "iat")
    if not now - LASTS <= at <= now + 60 or claims["exp"] - at > LASTS:
        raise Malformed(f"A description counts for {LASTS} seconds. Is the clock right?")
    capacity = whole(claims, "capacity", most=MAX_BYTES)
    return Description(
        urls=_urls(claims),
        certificate=_certificate(claims),
        capacity=capacity,
        free=whole(claims, "free", most=capacity),
        prices=_prices(claims),
        bandwidth=whole(claims, "bandwidth", most=MAX_BYTES),
        hours=_hours(claims),
        slots=whole(claims, "slots", most=MAX_SLOTS),
        payout=_optional(claims, "payout", most=100),
        version=_optional(claims, "version", most=40),
        peer_id=claims["iss"],
        at=at,
    )


def _urls(claims: Mapping[str, Any]) -> tuple[str, ...]:
    urls = claims.get("urls")
    if not isinstance(urls, list) or not 1 <= len(urls) <= MAX_URLS:
        raise Malformed(f"The claim urls is a list of 1 to {MAX_URLS} URLs.")
    if not all(isinstance(url, str) for url in urls):
        raise Malformed("Each of the urls is a text.")
    try:
        return tuple(addresses.parse(url).url for url in urls)
    except BadAddress as error:
        raise Malformed(str(error)) from error


def _certificate(claims: Mapping[str, Any]) -> str:
    certificate = text(claims, "certificate", most=64)
    if not addresses.SHA256.fullmatch(certificate):
        raise Malformed("The claim certificate is a sha256: 64 hex digits.")
    return certificate.lower()


def _prices(claims: Mapping[str, Any]) -> Prices:
    prices = claims.get("prices")
    if not isinstance(prices, dict) or not isinstance(prices.get("compute"), dict):
        raise Malformed("The claim prices names storage, delivery and compute.")
    compute = prices["compute"]
    if len(compute) > MAX_RUNGS or not all(map(RUNG.fullmatch, compute)):
        raise Malformed(f"Computation has at most {MAX_RUNGS} prices, each for a rung.")
    return Prices(
        storage=whole(prices, "storage", most=MAX_PRICE),
        delivery=whole(prices, "delivery", most=MAX_PRICE),
        compute={rung: whole(compute, rung, most=MAX_PRICE) for rung in compute},
    )


def _hours(claims: Mapping[str, Any]) -> tuple[int, ...]:
    hours = claims.get("hours")
    if not isinstance(hours, list) or len(hours) > 24:
        raise Malformed("The claim hours is a list of hours.")
    if not all(type(hour) is int and 0 <= hour <= 23 for hour in hours):
        raise Malformed("Each of the hours is a whole number from 0 to 23.")
    return tuple(sorted(set(hours)))


def _optional(claims: Mapping[str, Any], name: str, *, most: int) -> str:
    return text(claims, name, most=most) if claims.get(name) != "" else ""
