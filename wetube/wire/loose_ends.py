"""Payments that nobody waited for to the end: their coin is booked, their channels go on.

A payer may go away, or this gateway die, between a transaction and what it was for. Whatever the
chain has decided by then is taken up here; all of it may happen twice.
"""

import logging
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from wetube.chain.models import ChainTx
from wetube.cloudcoin import escrows
from wetube.cloudcoin.models import Escrow, EscrowDeposit, Journal
from wetube.wire import intents

logger = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=7)


def tie() -> int:
    """Book transfers whose good was never handed over, thaw channels whose refund failed.

    Returns how many there were. The payer of such a transfer keeps the coin in the books, and
    the same payment sent again still buys.
    """
    return _book_transfers() + _thaw()


def _book_transfers() -> int:
    booked = 0
    for tx in _over(intents.TRANSFER).filter(state=ChainTx.State.FINAL, succeeded=True):
        if not Journal.objects.filter(reference=tx.intent).exists():
            payer, _to, amount, *_rest = tx.args
            intents.book(tx.intent, str(payer), int(amount))
            booked += 1
            logger.info("Booked a transfer nobody waited for: %s", tx.hash)
    return booked


def _thaw() -> int:
    """Only what was frozen for it: what the payer or the chain takes back stays frozen."""
    thawed = 0
    for tx in _over(intents.GIVING_BACK).filter(state__in=("failed", "replaced")):
        channel = tx.intent.split(":")[1]
        ours = Escrow.objects.exclude(deposits__state=EscrowDeposit.State.GONE)
        ours = ours.filter(channel=channel, state=Escrow.State.FROZEN, withdraw_at=None)
        escrow = ours.exclude(idle_refunds__ended=False).first()
        if escrow and not _another_is_under_way(channel):
            escrows.thaw(escrow)
            thawed += 1
    return thawed


def _another_is_under_way(channel: str) -> bool:
    prefix = f"{intents.GIVING_BACK}{channel}:"
    return ChainTx.objects.pending().filter(intent__startswith=prefix).exists()


def _over(prefix: str) -> QuerySet[ChainTx]:
    since = timezone.now() - LOOKED_BACK
    return ChainTx.objects.filter(intent__startswith=prefix, made_at__gt=since)
