"""Posting: payout roots go to the chain, one after another, by the poster's key.

A root is made in the books first and then put into the outbox until the chain says it has it,
so whatever dies on the way is taken up by the next run; the vault takes each number once.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from wetube.chain import deployment, outbox, reading
from wetube.chain.contracts import VAULT
from wetube.chain.models import ChainTx, Deployment
from wetube.chain.rpc import ChainAway
from wetube.cloudcoin import ledger
from wetube.settlement import payouts, retrying, rooting
from wetube.settlement.models import PayoutRoot

logger = logging.getLogger(__name__)


def pay_out() -> PayoutRoot | None:
    """Once a turn, make the root of those who asked before it began, and ask for its posting.

    None if there is nothing to do. Safe to run twice and to die anywhere; a turn that nobody
    worked in is made up for. A chain that is away leaves everything waiting.
    """
    turn = payouts.turn()
    if PayoutRoot.objects.filter(made_at__gte=turn, posted_at__isnull=False).exists():
        return None
    return _pay_out(turn)


def pay_out_now() -> PayoutRoot | None:
    """As `pay_out`, for everybody who has asked, whatever the time."""
    return _pay_out(timezone.now())


def _pay_out(asked_before: datetime) -> PayoutRoot | None:
    place = deployment.current()
    if place is None:
        return None
    try:
        root = unposted() or rooting.make_root(funds=funds(place), asked_before=asked_before)
    except ChainAway as away:
        logger.info("The payout waits for the chain: %s", away.why)
        return None
    if root:
        post(rooting.seal(root))
    return root


def post_again() -> None:
    """Ask once more for a root whose transaction failed; between payouts."""
    if deployment.current() and (root := unposted()):
        post(rooting.seal(root))


def unposted() -> PayoutRoot | None:
    """The root that is made and not on the chain for good yet."""
    return PayoutRoot.objects.filter(posted_at=None).order_by("seq").first()


def funds(place: Deployment) -> int:
    """Drops that all roots together may give: what the vault holds and has paid, for good.

    Raises ChainAway.
    """
    block = max(0, reading.final_block(place))
    held = reading.balance(place.vault, block=block)
    return held + int(reading.call(VAULT, "paidTotal", block=block))


@transaction.atomic
def post(root: PayoutRoot) -> ChainTx | None:
    """Put the root in the outbox, unless it is on its way, or has just failed; then None."""
    ledger.open_book()
    root = PayoutRoot.objects.get(pk=root.pk)
    what = f"payout:{root.seq}"
    if not retrying.is_time(what, root.tries):
        return None
    PayoutRoot.objects.filter(pk=root.pk).update(tries=root.tries + 1)
    intent, args = retrying.name(what, root.tries + 1), [root.seq, root.root, root.total]
    return outbox.put(intent, role="poster", contract=VAULT, function="post", args=args)
