"""Declining content: by the gateway for itself, by an operator for their nodes; in public."""

import json
import time
from collections.abc import Collection
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from node_bridge import denylists
from node_bridge.network import statements
from wetube.content import cids
from wetube.content.cids import BadCid
from wetube.nodes import foreign_lists, identity
from wetube.nodes.foreign_lists import ForeignRefusal
from wetube.nodes.models import Appeal, Lease, Operator, Placement, Refusal
from wetube.nodes.published_lists import KIND
from wetube.people.models import User

__all__ = [
    "KIND",
    "AlreadyAppealed",
    "BadCid",
    "NoReason",
    "appeal",
    "decline",
    "declined",
    "lift",
    "of",
    "published",
]

FRESH = 24 * 3600  # seconds a published list is good for


class NoReason(ValueError):
    """Nothing is declined without saying why."""


class AlreadyAppealed(Exception):
    """One appeal a person is enough; it waits for its answer or has it."""


def standing(operator: Operator | None = None) -> QuerySet[Refusal]:
    """What is declined now, by the gateway or by this operator."""
    return Refusal.objects.filter(operator=operator, lifted=None)


def of(path: str) -> Refusal | ForeignRefusal | None:
    """Why the gateway declines `<cid>` or `<cid>/<path>` now: by itself or by a list of others."""
    return declined([path]).get(path) if path else None


def declined(paths: Collection[str]) -> dict[str, Refusal | ForeignRefusal]:
    """Those of them that the gateway declines, with three queries; its own word comes first.

    Raises BadCid.
    """
    named = {path: cids.canonical(path.partition("/")[0]) for path in paths}
    own = {row.cid: row for row in standing().filter(cid__in=set(named.values()))}
    found: dict[str, Refusal | ForeignRefusal] = {
        path: own[cid] for path, cid in named.items() if cid in own
    }
    return {**foreign_lists.covering([path for path in paths if path not in found]), **found}


def is_anything_declined() -> bool:
    """Whether it is worth knowing the CID of something."""
    return standing().exists() or foreign_lists.are_any()


@transaction.atomic
def decline(cid: str, *, reason: str, operator: Operator | None = None) -> Refusal:
    """Decline a content from now on; an operator's nodes give their leases on it back.

    Declining twice is harmless. Raises BadCid, NoReason.
    """
    canonical, reason = cids.canonical(cid), reason.strip()[:300]
    if not reason:
        raise NoReason(_("Say why: the list is public."))
    made, _is_new = Refusal.objects.get_or_create(
        operator=operator, cid=canonical, lifted=None, defaults={"reason": reason}
    )
    if operator is not None:
        _give_back(operator, canonical)
    return made


@transaction.atomic
def lift(refusal: Refusal) -> None:
    """Decline it no more; the log keeps that it was declined."""
    Refusal.objects.filter(pk=refusal.pk, lifted=None).update(lifted=timezone.now())


@transaction.atomic
def appeal(refusal: Refusal, user: User, *, says: str) -> Appeal:
    """Raises AlreadyAppealed."""
    made, is_new = Appeal.objects.get_or_create(
        refusal=refusal, by=user, defaults={"says": says.strip()[:2000]}
    )
    if not is_new:
        raise AlreadyAppealed(_("You have appealed already."))
    return made


def answer(made: Appeal, *, says: str) -> None:
    Appeal.objects.filter(pk=made.pk).update(answer=says.strip()[:2000], answered=timezone.now())


def published(operator: Operator | None = None) -> str:
    """The list as text: a signed statement, then a line of JSON for each refusal, the oldest first.

    The statement (typ wt-refusals+jwt, signed by this gateway) has the sha256 of all that follows
    its line, so that anyone can take the list over and show where it is from.
    """
    rows = Refusal.objects.filter(operator=operator).order_by("since", "pk")
    body = "".join(f"{json.dumps(_entry(row))}\n" for row in rows)
    now = int(time.time())
    claims = {
        "sub": operator.key if operator else identity.own().peer_id,
        "sha256": sha256(body.encode()).hexdigest(),
        "count": body.count("\n"),
        "iat": now,
        "exp": now + FRESH,
    }
    return f"{statements.state(identity.own(), KIND, claims)}\n{body}"


def denylist(operator: Operator | None = None) -> str:
    """What is declined now as a compact denylist (IPIP-383), which other gateways can read."""
    rows = standing(operator).order_by("since", "pk").values_list("cid", "reason")
    return denylists.written(settings.SITE_NAME, rows.iterator())


def _entry(row: Refusal) -> dict[str, str | None]:
    return {
        "cid": row.cid,
        "reason": row.reason,
        "since": row.since.isoformat(),
        "lifted": row.lifted.isoformat() if row.lifted else None,
    }


def _give_back(operator: Operator, cid: str) -> None:
    """End the leases of this operator's nodes on it, and have it kept elsewhere."""
    leases = Lease.objects.filter(node__operator=operator, placement__root=cid).running()
    placements = list(leases.values_list("placement_id", flat=True))
    leases.update(
        state=Lease.State.ENDING,
        state_since=timezone.now(),
        next_try=timezone.now(),
        claimed_until=None,
    )
    Placement.objects.filter(pk__in=placements).update(looked_at=None)
