"""Questions worked out while the bytes are here, for the time when they are not.

They save fetching, and they are about blocks the node has seen fetched. So chance decides each time
whether one of them is put or another block is fetched: who keeps those blocks alone is found out.
"""

from hashlib import sha256
from hmac import digest
from random import SystemRandom
from secrets import token_bytes

from django.conf import settings
from django.db.models import QuerySet

from node_bridge.network import challenges
from node_bridge.network.challenges import Question as Asked
from wetube.nodes.models import Audit, Lease, Question
from wetube.nodes.sampling import GetBlock, Picked

MOST = 16  # kept for a part
FRESH = 0.5  # chance that a block is fetched though questions are kept
_chance = SystemRandom()


def work_out(lease: Lease, picked: Picked) -> None:
    """Questions about one block of a lease's part, each under a nonce nobody can foresee.

    So many that there are MOST of the part.
    """
    missing = max(0, MOST - _of_part(lease).count())
    Question.objects.bulk_create(
        Question(
            placement=lease.placement,
            index=lease.index,
            cid=picked.cid,
            nonce=nonce.hex(),
            answer=challenges.root(nonce, [picked.data]).hex(),
        )
        for nonce in (_nonce(picked.cid) for _ in range(missing))
    )


def take(lease: Lease) -> Question | None:
    """One question for this part, gone from now on; None when a block is to be fetched."""
    if _chance.random() < FRESH:
        return None
    of_part = _of_part(lease)
    kept = of_part.order_by("?").first()
    if kept is None or not of_part.filter(pk=kept.pk).delete()[0]:
        return None
    return kept


def expected(audit: Audit, get_own: GetBlock) -> bytes:
    """The right answer; raises NodeError where the bytes to judge by are gone."""
    if audit.expected:
        return bytes.fromhex(audit.expected)
    asked = Asked(bytes.fromhex(audit.nonce), tuple(audit.blocks))
    return challenges.answer(asked, get_own)


def _of_part(lease: Lease) -> QuerySet[Question]:
    return Question.objects.filter(placement=lease.placement_id, index=lease.index)


def _nonce(cid: str) -> bytes:
    """Unforeseeable even to who could foresee this machine's chance."""
    return digest(settings.SECRET_KEY.encode(), token_bytes(32) + cid.encode(), sha256)
