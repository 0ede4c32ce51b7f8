"""How often something may be tried, without keeping who tried.

The cache holds counters under HMACs whose secret is random, new each day and
only in the cache as well: neither a name nor an address can be read back, and
tomorrow not even compared. If the cache is away people can still sign in.
"""

import hmac
import logging
import secrets
import time
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import ngettext
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)
DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Limit:
    """At most `times` tries in each window of `seconds`."""

    name: str
    times: int
    seconds: int = 600


PASSWORD = Limit("password", 10)
CODE = Limit("code", 10)
# Generous: everybody who comes over Tor or one school shares an address.
ADDRESS = Limit("address", 100)


class TooManyTries(Exception):
    """The window is full; `wait` is how many seconds are left of it."""

    def __init__(self, wait: int) -> None:
        minutes = max(1, -(-wait // 60))
        super().__init__(
            ngettext(
                "Too many tries. Wait %(minutes)d minute and try again.",
                "Too many tries. Wait %(minutes)d minutes and try again.",
                minutes,
            )
            % {"minutes": minutes}
        )
        self.wait = wait


def take(limit: Limit, whom: str) -> None:
    """Count one try of `whom`. Raises TooManyTries."""
    window, gone = divmod(int(time.time()), limit.seconds)
    try:
        count = _count(f"people:limit:{limit.name}:{window}:{_blind(whom)}", limit.seconds)
    except RedisError as error:
        logger.warning("The cache is away; tries are not counted: %s", error)
        return
    if count > limit.times:
        raise TooManyTries(limit.seconds - gone)


def take_address(request: HttpRequest, *, limit: Limit | None = None) -> None:
    """Count one try from where this request came, by ADDRESS unless said. Raises TooManyTries."""
    address = _address(request)
    if address:
        take(limit or ADDRESS, address)


def _count(key: str, seconds: int) -> int:
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it expired between the two lines
        return 1


def _blind(whom: str) -> str:
    today = timezone.localdate().isoformat()
    secret = cache.get_or_set(f"people:limit:secret:{today}", secrets.token_bytes(32), DAY)
    return hmac.digest(bytes(secret or b""), whom.encode(), sha256).hex()


def _address(request: HttpRequest) -> str:
    """Behind our proxy its last hop counts: the ones before it anybody can make up."""
    if settings.SECURE_PROXY_SSL_HEADER:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR") or "")
