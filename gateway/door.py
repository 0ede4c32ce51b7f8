"""Who may have what: open content for anyone, all else by a signed grant in the path."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from gateway.briefly import Briefly
from gateway.refusals import NothingHere, Refused
from gateway.seams import Door
from node_bridge import BadBlock, Cid, Grant, GrantExpired, GrantForged, Keyring, dagpb
from node_bridge.cid import DAG_PB, LINKLESS, parse
from node_bridge.grants import Verb

IMMUTABLE = "public, max-age=29030400, immutable"  # 48 weeks, as the gateways' specification has it
OPEN_SECONDS = 2.0  # how long something may stay open after the site has closed it
DECLINED_SECONDS = 10.0  # how long something may be served after it was declined
NAME_SECONDS = 0.25  # how old a playlist may be


class Declined(Refused):
    """Whoever runs this gateway has decided not to serve it; the site's log has the reason."""

    status = 451


class LinkRefused(Refused):
    status = 403


class LinkExpired(LinkRefused):
    """The player asks its page for a new one."""


class LinkForged(LinkRefused):
    """No key of ours signed it."""


class LinkForElsewhere(LinkRefused):
    """The grant is good, and for something else."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody was let in: under a grant, or because it is open to all."""

    grant: Grant | None = None

    @property
    def key(self) -> str:
        return self.grant.key if self.grant else ""

    def cache_control(self, now: float) -> str:
        """For bytes that never change: open ones for long, granted ones while the grant lasts."""
        if self.grant is None:
            return IMMUTABLE
        return f"private, max-age={max(int(self.grant.expires - now), 0)}, immutable"


class Doorkeeper:
    """Asks the site's Door and opens grants; denies by default."""

    def __init__(self, door: Door, keyring: Keyring) -> None:
        self._keyring = keyring
        self._is_open = Briefly(door.is_open, seconds=OPEN_SECONDS)
        self._is_part_open = Briefly(door.is_part_open, seconds=OPEN_SECONDS)
        self._is_declined = Briefly(door.is_declined, seconds=DECLINED_SECONDS)
        self._is_name_open = Briefly(door.is_name_open, seconds=OPEN_SECONDS)
        self._resolve = Briefly(door.resolve, seconds=NAME_SECONDS)

    async def admit(self, token: str | None, cid: Cid) -> Admitted:
        """Let in to the content under a root; raises LinkRefused, or NothingHere without a link.

        What lies under an open root is open by its own CID, too.
        """
        if token is not None:
            return Admitted(self.grant(token, "read", cid))
        if stands_alone(cid) or await self._is_open.ask(cid) or await self._is_part_open.ask(cid):
            return Admitted()
        raise NothingHere

    async def follow(self, token: str | None, name: str) -> tuple[Cid, Admitted]:
        """The root behind a name, for those it is open to; raises as `admit` does."""
        if not name.isprintable():  # no name is, nor would every database look for it
            raise NothingHere
        grant = self.grant(token, "read", name) if token is not None else None
        if grant is None and not await self._is_name_open.ask(name):
            raise NothingHere
        cid = await self._resolve.ask(name)
        if cid is None:
            raise NothingHere
        return cid, Admitted(grant)

    async def check(self, path: str, roots: Iterable[Cid]) -> None:
        """Whether this path, and each content on the way, is served at all; raises Declined."""
        for named in {path, *roots}:
            if await self._is_declined.ask(named):
                raise Declined("This gateway does not serve this content.")

    def grant(self, token: str, verb: Verb, subject: str | None = None) -> Grant:
        """The grant in a link, if it is for this; raises LinkRefused."""
        try:
            grant = self._keyring.open(token, now=time.time())
        except GrantExpired:
            raise LinkExpired(
                "This link has expired: open the page again to get a new one."
            ) from None
        except GrantForged:
            raise LinkForged("This link was not made here: copy all of it.") from None
        if grant.verb != verb or (subject is not None and grant.subject != subject):
            raise LinkForElsewhere("This link is for something else.")
        return grant


@lru_cache(maxsize=4096)
def stands_alone(cid: Cid) -> bool:
    """Does this CID carry all there is? One that links to other blocks must not open them."""
    parsed = parse(cid)
    if parsed.inline is None:
        return False
    if parsed.codec in LINKLESS:
        return True
    try:
        return parsed.codec == DAG_PB and not dagpb.decode(parsed.inline).links
    except BadBlock:
        return False
