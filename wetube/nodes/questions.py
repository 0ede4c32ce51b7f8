"""Questions worked out while the bytes are here, for the time when they are not."""

from hashlib import sha256
from hmac import digest
from secrets import token_bytes

from django.conf import settings
from django.db.models import Max

from node_bridge.network import challenges
from node_bridge.network.challenges import Question as Asked
from wetube.nodes.models import Audit, Lease, Question
from wetube.nodes.sampling import GetBlock, Picked

AT_A_TIME = 16  # from one block: some days of audits


def work_out(lease: Lease, picked: Picked) -> None:
    """Questions about one block of a lease's part, each under a nonce nobody can foresee."""
    Question.objects.bulk_create(
        Question(
            placement=lease.placement,
            index=lease.index,
            cid=picked.cid,
            nonce=nonce.hex(),
            answer=challenges.root(nonce, [picked.data]).hex(),
        )
        for nonce in (_nonce(picked.cid) for _ in range(AT_A_TIME))
    )


def take(lease: Lease) -> Question | None:
    """One question for this part, gone from now on; None when there is none left."""
    of_part = Question.objects.filter(placement=lease.placement_id, index=lease.index)
    last = of_part.aggregate(last=Max("pk"))["last"]
    kept = of_part.filter(pk=last).first()
    if kept is None or not of_part.filter(pk=kept.pk).delete()[0]:
        return None
    return kept


def expected(audit: Audit, get_own: GetBlock) -> bytes:
    """The right answer; raises NodeError where the bytes to judge by are gone."""
    if audit.expected:
        return bytes.fromhex(audit.expected)
    asked = Asked(bytes.fromhex(audit.nonce), tuple(audit.blocks))
    return challenges.answer(asked, get_own)


def _nonce(cid: str) -> bytes:
    """Unforeseeable even to who could foresee this machine's chance."""
    return digest(settings.SECRET_KEY.encode(), token_bytes(32) + cid.encode(), sha256)
