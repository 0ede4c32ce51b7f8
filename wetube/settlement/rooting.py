"""Payout roots: those who wait get a leaf each, with all they were ever given, under one root.

Only the books are touched here; `posting` brings the root to the chain.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from wetube.chain.merkle import Tree
from wetube.cloudcoin import ledger
from wetube.settlement import standing
from wetube.settlement.models import PayoutLeaf, PayoutRoot, Withdrawal

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 5000
Leaves = list[tuple[str, int]]


def make_root(*, funds: int, asked_before: datetime | None = None) -> PayoutRoot | None:
    """Put those who wait, first come first served, under the next root; None if nobody does.

    Whoever asked later than `asked_before` may still change their mind, and waits.
    `funds` are the drops that all roots together may give: what the vault holds and has paid.
    No root is made while the one before is not on the chain for good.
    """
    if PayoutRoot.objects.filter(posted_at=None).exists():
        return None
    standing.carry_out(_next_seq())
    root = _choose(funds, asked_before or timezone.now())
    return seal(root) if root else None


def seal(root: PayoutRoot) -> PayoutRoot:
    """Hash the leaves; a second each hundred thousand, so no lock is held meanwhile."""
    if not root.root:
        root.root = f"0x{Tree(leaves_of(root)).root.hex()}"
        PayoutRoot.objects.filter(pk=root.pk, root="").update(root=root.root)
    return root


def leaves_of(root: PayoutRoot) -> Leaves:
    """Every address's cumulative drops as this root has them, in the order of the addresses."""
    newest = PayoutLeaf.objects.filter(root__seq__lte=root.seq).values_list("address")
    return [
        (who, int(drops)) for who, drops in newest.annotate(Max("cumulative")).order_by("address")
    ]


@transaction.atomic
def _choose(funds: int, asked_before: datetime) -> PayoutRoot | None:
    """The book's lock comes first: no two roots at once, and nobody cancels meanwhile."""
    ledger.open_book()
    if PayoutRoot.objects.filter(posted_at=None).exists():
        return None
    before = PayoutRoot.objects.order_by("-seq").first()
    given = before.total if before else 0
    chosen = _affordable(funds - given, asked_before)
    if not chosen:
        return None
    grown = _grown(chosen)
    total = given + sum(withdrawal.amount for withdrawal in chosen)
    root = PayoutRoot.objects.create(seq=_next_seq(), total=total)
    PayoutLeaf.objects.bulk_create(
        [PayoutLeaf(root=root, address=who, cumulative=drops) for who, drops in grown.items()]
    )
    for withdrawal in chosen:
        withdrawal.move_to(Withdrawal.State.ROOTED, root=root, cumulative=withdrawal.cumulative)
    logger.info("Payout root %d gives %d drops to %d people", root.seq, total - given, len(grown))
    return root


def _next_seq() -> int:
    return (PayoutRoot.objects.aggregate(last=Max("seq"))["last"] or 0) + 1


def _affordable(funds: int, asked_before: datetime) -> list[Withdrawal]:
    """Those who waited longest, as far as the coin goes; who does not fit waits, and all behind."""
    waiting = Withdrawal.objects.filter(state=Withdrawal.State.ASKED)
    ripe = waiting.filter(Q(asked_at__lt=asked_before) | Q(reference__startswith="standing:"))
    chosen = []
    for withdrawal in ripe.order_by("asked_at", "pk")[:MOST_AT_ONCE]:
        funds -= withdrawal.amount
        if funds < 0:
            logger.warning("Withdrawal %s waits: the vault holds too little", withdrawal.key)
            break
        chosen.append(withdrawal)
    return chosen


def _grown(chosen: list[Withdrawal]) -> dict[str, int]:
    """What each address was given in all, these withdrawals included and noted on each."""
    newest = PayoutLeaf.objects.filter(address__in={one.address for one in chosen})
    given = {
        who: int(drops) for who, drops in newest.values_list("address").annotate(Max("cumulative"))
    }
    for withdrawal in chosen:
        given[withdrawal.address] = given.get(withdrawal.address, 0) + withdrawal.amount
        withdrawal.cumulative = given[withdrawal.address]
    return {one.address: given[one.address] for one in chosen}
