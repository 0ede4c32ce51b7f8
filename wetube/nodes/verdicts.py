"""What follows from a proof, at once and together: reputation, pay, and whether the lease holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wetube.core.states import TransitionRefused
from wetube.nodes import placing, presence, reputation, storage_pay
from wetube.nodes.models import Audit, Lease, Node, Placement

State = Audit.State
SILENCES = 3  # verdicts in a row, each after several askings, with which a part counts as lost
_chance = SystemRandom()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`took` is milliseconds. ASKED stands for none: the question is dropped."""

    state: Audit.State
    took: int
    why: str = ""


def next_time() -> datetime:
    """When the next proof is due: about every AUDIT_SECONDS, at a time no node can foresee."""
    return timezone.now() + timedelta(seconds=settings.AUDIT_SECONDS * _chance.uniform(0.5, 1.5))


@transaction.atomic
def pronounce(audit: Audit, verdict: Verdict) -> str:
    """Write the verdict down with all that follows; "" where another hand was first."""
    if verdict.state == State.ASKED:
        Audit.objects.filter(pk=audit.pk, state=State.ASKED).delete()
        return ""
    placement = Placement.objects.select_for_update().get(pk=audit.lease.placement_id)
    node = Node.objects.select_for_update().get(pk=audit.node_id)
    try:
        audit.move_to(verdict.state, took=verdict.took, why=verdict.why[:300])
    except TransitionRefused:
        return ""
    lease = Lease.objects.select_related("node", "placement").get(pk=audit.lease_id)
    if lease.state == Lease.State.HELD:
        storage_pay.settle(lease, audit)
    _follow(lease, placement, verdict)
    _count(node, verdict)
    return verdict.state


def _count(node: Node, verdict: Verdict) -> None:
    """A node with too little reputation left is sent away."""
    node.alpha, node.beta = reputation.after(node.alpha, node.beta, verdict.state)
    node.save(update_fields=["alpha", "beta"])
    if not reputation.is_enough(node.alpha, node.beta) and node.state in {
        Node.State.ACTIVE,
        Node.State.SUSPECT,
        Node.State.LEAVING,
    }:
        presence.refuse(node, why=_("It did not prove that it holds what it is paid for."))


def _follow(lease: Lease, placement: Placement, verdict: Verdict) -> None:
    """A part that is proved counts; one that is not there is made anew elsewhere."""
    now = timezone.now()
    Placement.objects.filter(pk=placement.pk).update(looked_at=None)
    match verdict.state, Lease.State(lease.state):
        case State.PASSED | State.LATE, Lease.State.HELD:
            Lease.objects.filter(pk=lease.pk).update(proved=now)
            Placement.objects.filter(pk=placement.pk).update(last_proof=now)
        case State.PASSED, Lease.State.LOST if placing.has_place(lease):
            lease.move_to(Lease.State.HELD, proved=now, paid_through=now, next_proof=next_time())
            Placement.objects.filter(pk=placement.pk).update(last_proof=now)
        case State.FAILED, Lease.State.HELD:
            lease.move_to(Lease.State.LOST, next_proof=None, why=verdict.why[:300])
        case State.UNANSWERED, Lease.State.HELD if _is_silent(lease):
            # Asked again as before: with an answer it may still be forgiven.
            lease.move_to(Lease.State.LOST, next_proof=next_time(), why=verdict.why[:300])
        case State.PASSED | State.FAILED | State.LATE, Lease.State.LOST:
            lease.move_to(Lease.State.ENDING, next_try=now, tries=0)
        case _:
            pass


def _is_silent(lease: Lease) -> bool:
    """Whoever answers only for what it has keeps no other part by saying nothing."""
    judged = lease.audits.exclude(state=State.ASKED).order_by("-asked", "-pk")
    last = list(judged.values_list("state", flat=True)[:SILENCES])
    return len(last) == SILENCES and set(last) == {State.UNANSWERED}
