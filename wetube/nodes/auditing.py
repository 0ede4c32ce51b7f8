"""Audits: at random times each node is asked for a proof that it still holds what it is paid for.

What the gateway has itself it asks under a fresh nonce and judges by its own bytes. Of what it
has not it keeps a few questions worked out beforehand, each used once; when they are used up it
fetches one block, which is a proof by itself, and works out new ones from it.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from node_bridge import NodeError
from node_bridge.network import challenges
from node_bridge.network.failures import Lied, NotHeld, PeerFailed
from wetube.core import claims
from wetube.nodes import calling, questions, sampling, shards, verdicts
from wetube.nodes.calling import NodeSaysNo, NodeSaysNonsense, NodeSilent
from wetube.nodes.models import Audit, Lease, Node
from wetube.nodes.verdicts import Verdict

AT_ONCE = 4  # blocks in one question
TURNS = 3  # times a silent node is asked the same question before it is judged
AGAIN = timedelta(seconds=60)  # between two of them
MOST = 200  # leases in one round
State = Audit.State


def due() -> list[int]:
    """Leases whose next proof is due: held ones, and given up ones of nodes that came back."""
    rows = Lease.objects.filter(
        state__in=(Lease.State.HELD, Lease.State.LOST),
        next_proof__lte=timezone.now(),
        node__state__in=(Node.State.ACTIVE, Node.State.LEAVING),
    ).exclude(audits__state=State.ASKED)
    return list(rows.order_by("next_proof").values_list("pk", flat=True)[:MOST])


def waiting() -> list[int]:
    """Audits that a silent node is to be asked again, or a dying worker dropped."""
    rows = Audit.objects.unclaimed().filter(
        state=State.ASKED, state_since__lt=timezone.now() - AGAIN
    )
    return list(rows.order_by("asked").values_list("pk", flat=True)[:MOST])


def ask(lease_id: int) -> Audit | None:
    """Write down a question for this lease; None where it has one or needs none."""
    lease = Lease.objects.select_related("node").filter(pk=lease_id).first()
    if lease is None or lease.state not in {Lease.State.HELD, Lease.State.LOST}:
        return None
    blocks, nonce = _question(lease)
    try:
        with transaction.atomic():
            kept = None if nonce else questions.take(lease)
            audit = Audit.objects.create(
                lease=lease,
                node=lease.node,
                nonce=kept.nonce if kept else nonce,
                blocks=[kept.cid] if kept else blocks,
                expected=kept.answer if kept else "",
                deadline=timezone.now() + patience(),
            )
            Lease.objects.filter(pk=lease.pk).update(next_proof=verdicts.next_time())
    except IntegrityError:
        return None
    return audit


def put(audit_id: int) -> str:
    """Ask the node and judge the answer; the verdict, "" where there is none yet."""
    audit = Audit.objects.filter(state=State.ASKED).claim(audit_id, until=claims.until())
    if audit is None:
        return ""
    verdict = _fetched(audit) if not audit.nonce else _answered(audit)
    if verdict.state == State.UNANSWERED and audit.tries + 1 < TURNS:
        Audit.objects.filter(pk=audit.pk, state=State.ASKED).update(
            tries=F("tries") + 1,
            why=verdict.why[:300],
            state_since=timezone.now(),
            claimed_until=None,
        )
        return ""
    return verdicts.pronounce(audit, verdict)


def patience() -> timedelta:
    return timedelta(seconds=settings.AUDIT_DEADLINE_SECONDS)


def _question(lease: Lease) -> tuple[list[str], str]:
    """Blocks and a nonce where our own node has the bytes; else nothing, to be fetched."""
    if not _is_here(lease):
        return [], ""
    try:
        picked = sampling.several(lease.cid, _get_own, AT_ONCE)
    except NodeError:
        return [], ""
    question = challenges.ask([each.cid for each in picked])
    return list(question.blocks), question.nonce.hex()


def _is_here(lease: Lease) -> bool:
    """A private part that lies here for now will be gone soon: it is judged as it will be."""
    return not lease.placement.is_coded and shards.own(lease.cid) is not None


def _get_own(cid: str) -> bytes:
    data = shards.own(cid)
    if data is None:
        raise NodeError(f"{cid} is not here.")
    return data


def _answered(audit: Audit) -> Verdict:
    """The root over the blocks, within the deadline; a late one still counts as held."""
    seconds = settings.AUDIT_DEADLINE_SECONDS
    said = {
        "serial": audit.lease.serial,
        "nonce": audit.nonce,
        "blocks": audit.blocks,
        "deadline": int(time.time()) + 2 * seconds,
    }
    began = time.monotonic()
    try:
        answer = calling.ask(audit.node, "POST", "/wt/v1/audits", said, seconds=2 * seconds)
    except NodeSilent as silence:
        return Verdict(State.UNANSWERED, _took(began), str(silence))
    except (NodeSaysNo, NodeSaysNonsense) as no:
        has_lost_it = isinstance(no.__cause__, NotHeld)
        state = State.FAILED if has_lost_it else State.UNANSWERED
        return Verdict(state, _took(began), str(no))
    took = _took(began)
    root = answer.get("root") if isinstance(answer, dict) else None
    try:
        expected = questions.expected(audit, _get_own)
    except NodeError as error:  # ours is gone meanwhile: nobody's fault, so nothing is judged
        return Verdict(State.ASKED, took, str(error))
    if not isinstance(root, str) or not challenges.is_right(root, expected):
        return Verdict(State.FAILED, took, "The root is wrong.")
    return Verdict(State.LATE if took > 1000 * seconds else State.PASSED, took)


def _fetched(audit: Audit) -> Verdict:
    """One block at random, from the node itself; its bytes make questions for the next times."""
    provider, seconds = calling.provider(audit.node), settings.AUDIT_DEADLINE_SECONDS
    began = time.monotonic()
    try:
        picked = sampling.pick(
            audit.lease.cid, lambda cid: shards.block(provider, cid, seconds=seconds)
        )
    except (NotHeld, Lied) as failure:
        return Verdict(State.FAILED, _took(began), str(failure))
    except PeerFailed as failure:
        return Verdict(State.UNANSWERED, _took(began), str(failure))
    except NodeError as failure:  # the graph itself is not what it should be
        return Verdict(State.ASKED, _took(began), str(failure))
    took = _took(began)
    Audit.objects.filter(pk=audit.pk).update(blocks=[picked.cid])
    questions.work_out(audit.lease, picked)
    return Verdict(State.LATE if took > 2000 * seconds else State.PASSED, took)


def _took(began: float) -> int:
    """Milliseconds."""
    return int((time.monotonic() - began) * 1000)
