"""Signing up without JavaScript: everybody waits for a turn, a few are given out a minute."""

import time

from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

A_MINUTE = 6
LONGEST = 10  # minutes somebody may have to wait
SHORTEST = 5  # seconds


class TooBusy(Exception):
    """All turns of the next minutes are given out."""


def take() -> int:
    """The next free turn, in seconds since 1970; nobody else gets the same. Raises TooBusy."""
    now = int(time.time())
    try:
        for minute in range(now // 60, now // 60 + LONGEST):
            if turn := _in_minute(minute, after=now + SHORTEST):
                return turn
    except RedisError as error:
        raise _busy() from error
    raise _busy()


def _in_minute(minute: int, after: int) -> int | None:
    key = f"people:turns:{minute}"
    cache.add(key, 0, timeout=(LONGEST + 1) * 60)
    while (number := cache.incr(key)) <= A_MINUTE:
        turn = minute * 60 + number * 60 // A_MINUTE
        if turn >= after:
            return turn
    return None


def _busy() -> TooBusy:
    return TooBusy(
        _("Many people are signing up. Try again in ten minutes, or switch JavaScript on.")
    )
