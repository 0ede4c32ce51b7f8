"""Pushing: payouts are claimed for those who want it, many at once, when worth the gas."""

import logging

from django.db import transaction
from django.db.models import Min, Q, Sum

from wetube.chain import deployment, outbox
from wetube.chain.contracts import VAULT
from wetube.chain.models import ChainTx
from wetube.chain.rpc import ChainAway
from wetube.cloudcoin import ledger
from wetube.settlement import proofs, worth
from wetube.settlement.models import PayoutRoot, Push, Withdrawal
from wetube.settlement.proofs import Claim

logger = logging.getLogger(__name__)

GAS_EACH = 90_000
MOST_AT_ONCE = 50


def push() -> Push | None:
    """Claim for those whose payout is worth its gas; None if there is nobody, or a push runs.

    Safe to run twice: the vault pays each drop once. A chain that is away waits.
    """
    if deployment.current() is None or _is_under_way():
        return None
    root = PayoutRoot.objects.order_by("-seq").first()
    if root is None or root.posted_at is None:
        return None  # The vault knows only its newest root, and that one is on its way.
    try:
        due = _due(worth.least(GAS_EACH))
    except ChainAway as away:
        logger.info("Pushing waits for the chain: %s", away.why)
        return None
    tree = proofs.of(root) if due else None
    return _send(root, [tree.claim(address) for address in due]) if tree else None


def _is_under_way() -> bool:
    """Also lets go of what the chain has decided on."""
    for row in Push.objects.filter(ended=False):
        tx = ChainTx.objects.filter(intent=row.intent).first()
        if tx and tx.is_over:
            Push.objects.filter(pk=row.pk).update(ended=True)
    return Push.objects.filter(ended=False).exists()


def _due(least: int) -> list[str]:
    """Addresses that somebody asked us to push to and that are due at least so much."""
    rooted = Withdrawal.objects.filter(state=Withdrawal.State.ROOTED).values("address")
    owed = rooted.annotate(
        wanted=Min("pk", filter=Q(push=True)), owed=Sum("amount"), first=Min("asked_at")
    )
    chosen = owed.exclude(wanted=None).filter(owed__gte=least).order_by("first")
    return list(chosen.values_list("address", flat=True)[:MOST_AT_ONCE])


@transaction.atomic
def _send(root: PayoutRoot, claims: list[Claim]) -> Push | None:
    """None if another worker was first."""
    ledger.open_book()
    if Push.objects.filter(ended=False).exists():
        return None
    addresses = [one.address for one in claims]
    intent = f"push:{Push.objects.count() + 1}"
    row = Push.objects.create(intent=intent, root=root, addresses=addresses)
    args = [addresses, [one.cumulative for one in claims], [one.proof for one in claims]]
    outbox.put(intent, role="relayer", contract=VAULT, function="claimMany", args=args)
    logger.info("Pushing payouts to %d addresses", len(addresses))
    return row
