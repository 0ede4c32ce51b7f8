"""What nodes are to keep for us: saying so, counting who does, asking for what is missing."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from node_bridge import NodeError
from wetube.content import network
from wetube.nodes import choosing, margins
from wetube.nodes.margins import Count
from wetube.nodes.models import Lease, Node, Placement

AGAIN = timedelta(seconds=60)  # what is not filled is looked at so often
AT_LEAST = timedelta(days=1)  # and everything so often
MOST = 200  # placements in one round


def spool(key: str) -> str:
    """Under this name our own node keeps a part until its nodes have it."""
    return f"spool:{key}"


def is_on() -> bool:
    """Whether there is anybody who could keep anything."""
    return Node.objects.taking().exists()


def weight(root: str) -> int:
    """Bytes of all blocks of a content our own node has, as leases count them.

    Raises network.Unreachable.
    """
    try:
        return network.engine().stat(root).dag_size
    except NodeError as error:
        raise network.Unreachable(str(error)) from error


@transaction.atomic
def place(root: str, *, size: int, holder: str, is_open: bool, copies: int = 0) -> Placement:
    """Have nodes keep whole copies of this content; saying it again is harmless.

    `size` is bytes of all its blocks, `copies` 0 for as many as the settings say.
    """
    wanted = copies or settings.PUBLIC_COPIES
    placement, _new = Placement.objects.get_or_create(
        root=root,
        defaults={
            "kind": Placement.Kind.WHOLE,
            "size": size,
            "wanted": wanted,
            "holder": holder,
        },
    )
    Placement.objects.filter(pk=placement.pk).exclude(is_open=is_open).update(is_open=is_open)
    if placement.state != Placement.State.STANDING:
        placement.move_to(Placement.State.STANDING, looked_at=None, filled=None)
    placement.refresh_from_db()
    return placement


@transaction.atomic
def end(placements: Iterable[Placement]) -> None:
    """Nodes need not keep these any more; ending twice is harmless."""
    for placement in Placement.objects.select_for_update().filter(
        pk__in=[each.pk for each in placements], state=Placement.State.STANDING
    ):
        placement.move_to(Placement.State.ENDING, looked_at=None)


def due() -> list[int]:
    """Placements to look at now: first where something has happened, the barest of these first."""
    now = timezone.now()
    active = Placement.objects.exclude(state=Placement.State.ENDED)
    waiting = Q(filled=None) | Q(state=Placement.State.ENDING)
    seen_late = Q(looked_at=None) | Q(looked_at__lt=now - AT_LEAST)
    late = active.filter(seen_late | (waiting & Q(looked_at__lt=now - AGAIN)))
    spare = F("healthy") - F("needed")
    barest = late.order_by(F("looked_at").asc(nulls_first=True), spare, "pk")
    return list(barest.values_list("pk", flat=True)[:MOST])


@transaction.atomic
def look(placement_id: int) -> list[int]:
    """Count a placement's leases, ask for what is missing and end what is too many.

    The answer is the leases a node is to be told of now. Nothing is sent in here.
    """
    placement = Placement.objects.select_for_update().filter(pk=placement_id).first()
    if placement is None or placement.state == Placement.State.ENDED:
        return []
    leases = list(
        placement.leases.exclude(state__in=(Lease.State.ENDED, Lease.State.REFUSED))
        .select_related("node")
        .order_by("pk")
    )
    if placement.state == Placement.State.ENDING:
        return _wind_up(placement, leases)
    count = _count(leases)
    there = margins.trusted(count, wanted=placement.wanted, is_coded=placement.is_coded)
    is_filled = _is_filled(placement, there)
    missing = max(0, placement.wanted - there - count.coming)
    asked = [] if is_filled else _ask(placement, leases, missing)
    if is_filled:
        network.let_go(spool(placement.key))
    ended = _end_surplus(placement, leases) if is_filled else []
    Placement.objects.filter(pk=placement.pk).update(
        healthy=count.healthy,
        looked_at=timezone.now(),
        filled=(placement.filled or timezone.now()) if is_filled else None,
    )
    return [*asked, *ended]


def has_place(lease: Lease) -> bool:
    """Whether a part that was given up is still missing, so that a node that comes back with
    it is forgiven. Inside a transaction that has locked the placement.
    """
    held = lease.placement.leases.filter(state__in=Lease.RUNNING).exclude(pk=lease.pk)
    if held.filter(node__operator=lease.node.operator_id).exists():
        return False
    if lease.placement.is_coded:
        return not held.filter(index=lease.index).exists()
    return held.count() < lease.placement.wanted


def _count(leases: list[Lease]) -> Count:
    held = [lease.node.state for lease in leases if lease.state == Lease.State.HELD]
    coming = (Lease.State.ASKED, Lease.State.FETCHING)
    return Count(
        healthy=held.count(Node.State.ACTIVE),
        silent=held.count(Node.State.SUSPECT) + held.count(Node.State.JOINING),
        coming=sum(lease.state in coming for lease in leases),
    )


def _is_filled(placement: Placement, there: int) -> bool:
    """All there; or, where they all were before, still more than the margin."""
    margin = margins.threshold(
        needed=placement.needed, wanted=placement.wanted, is_coded=placement.is_coded
    )
    return there >= placement.wanted or (placement.filled is not None and there > margin)


def _ask(placement: Placement, leases: list[Lease], missing: int) -> list[int]:
    """New leases for what is missing, each with a node that may have one."""
    indexes = islice(_free_indexes(placement, leases), missing)
    nodes = choosing.choose(placement, missing)
    now = timezone.now()
    made = [
        Lease(
            node=node,
            placement=placement,
            cid=placement.part(index),
            index=index,
            size=placement.size,
            price=choosing.price_of(node) or 0,
            not_before=now,
            not_after=now + timedelta(days=settings.LEASE_DAYS),
        )
        for node, index in zip(nodes, indexes, strict=False)
    ]
    return [lease.pk for lease in Lease.objects.bulk_create(made)]


def _free_indexes(placement: Placement, leases: list[Lease]) -> Iterable[int]:
    """Shard numbers that no node that is there keeps; of whole copies any number of times 0."""
    if not placement.is_coded:
        return (0 for _ in range(placement.wanted))
    there = {
        lease.index
        for lease in leases
        if lease.state in Lease.RUNNING and lease.node.state == Node.State.ACTIVE
    }
    return (index for index in range(placement.wanted) if index not in there)


def _end_surplus(placement: Placement, leases: list[Lease]) -> list[int]:
    """A part kept twice, or by a node that leaves, is kept enough elsewhere."""
    held = [lease for lease in leases if lease.state == Lease.State.HELD]
    stays = [lease for lease in held if lease.node.state == Node.State.ACTIVE]
    if len(stays) < placement.wanted:
        return []
    order = {node.pk: n for n, node in enumerate(choosing.rank(placement, [x.node for x in stays]))}
    stays.sort(key=lambda lease: order[lease.node_id])
    kept: dict[int, Lease] = {}
    for number, lease in enumerate(stays):
        place = lease.index if placement.is_coded else number
        if place < placement.wanted:
            kept.setdefault(place, lease)
    if len(kept) < placement.wanted:
        return []
    keep = {lease.pk for lease in kept.values()}
    return _end([lease for lease in held if lease.pk not in keep])


def _wind_up(placement: Placement, leases: list[Lease]) -> list[int]:
    if not leases or all(lease.node.state == Node.State.GONE for lease in leases):
        placement.move_to(Placement.State.ENDED, looked_at=timezone.now(), healthy=0)
        return []
    Placement.objects.filter(pk=placement.pk).update(looked_at=timezone.now(), healthy=0)
    return _end([lease for lease in leases if lease.state != Lease.State.ENDING])


def _end(leases: list[Lease]) -> list[int]:
    now = timezone.now()
    chosen = [lease.pk for lease in leases]
    Lease.objects.filter(pk__in=chosen).update(
        state=Lease.State.ENDING, state_since=now, claimed_until=None, tries=0, next_try=now
    )
    return chosen
