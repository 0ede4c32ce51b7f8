"""Payments that nobody waited for to the end: their coin is booked, their channels go on.

A payer may go away, or this gateway die, between a transaction and what it was for. Whatever the
chain has decided by then is taken up here; all of it may happen twice.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from wetube.chain.models import ChainTx
from wetube.cloudcoin import escrows, ledger
from wetube.cloudcoin.models import Account, Escrow, EscrowDeposit, Journal
from wetube.cloudcoin.refusals import InsufficientFunds
from wetube.settlement import moves
from wetube.wire import bookings, intents

logger = logging.getLogger(__name__)

LOOKED_BACK = timedelta(days=7)
FAILED = (ChainTx.State.FAILED, ChainTx.State.REPLACED)


def tie() -> int:
    """Book transfers whose good was never handed over, take those back that the chain did not
    keep, thaw channels whose refund failed.

    Returns how many there were. The payer of such a transfer keeps the coin in the books, and
    the same payment sent again still buys.
    """
    return _book_transfers() + _take_back_transfers() + _thaw()


def _book_transfers() -> int:
    booked = 0
    for tx in _transfers().filter(state=ChainTx.State.FINAL, succeeded=True):
        account = bookings.topped_up_by(tx.intent)
        last = bookings.of_top_up(tx.intent) if account else tx.intent
        if not Journal.objects.filter(reference=last).exists():
            booked += _book(tx, account)
    return booked


def _book(tx: ChainTx, account: Account | None) -> int:
    payer, _to, amount, *_rest = tx.args
    try:
        if account:
            bookings.top_up(tx.intent, str(payer), int(amount), account)
        else:
            bookings.book(tx.intent, str(payer), int(amount))
    except InsufficientFunds:  # it has gone back to the wallet it came from
        return 0
    logger.info("Booked a transfer nobody waited for: %s", tx.hash)
    return 1


def _take_back_transfers() -> int:
    """A good is handed over as soon as a block has its transfer; the chain may drop that block.

    What was bought with it, the gateway pays: it took the risk.
    """
    taken = 0
    for tx in _transfers().filter(state__in=FAILED):
        try:
            taken += _take_back(tx.intent)
        except InsufficientFunds:
            logger.warning("The gateway cannot pay yet what was bought with %s", tx.intent)
    return taken


@transaction.atomic
def _take_back(transfer: str) -> int:
    """From the balance it topped up first, if there is one."""
    moves.take_back(bookings.of_top_up(transfer))
    return int(moves.take_back(transfer) is not None)


def _thaw() -> int:
    """Only what was frozen for it: what the payer or the chain takes back stays frozen.

    Each failure is looked at once, and one before the payer's next attempt not at all: the freeze
    that is found later is another's.
    """
    return sum(_thaw_after(tx.pk) for tx in intents.failed_refunds())


@transaction.atomic
def _thaw_after(pk: int) -> int:
    ledger.open_book()
    failed = intents.failed_refunds().filter(pk=pk)
    tx = failed.first()
    if tx is None:  # another worker, or the payer's next attempt, was first
        return 0
    channel = tx.intent.split(":")[1]
    intents.close(failed)
    ours = Escrow.objects.exclude(deposits__state=EscrowDeposit.State.GONE)
    ours = ours.filter(channel=channel, state=Escrow.State.FROZEN, withdraw_at=None)
    escrow = ours.exclude(idle_refunds__ended=False).first()
    if escrow is None or _another_was_sent(channel, tx):
        return 0
    escrows.thaw(escrow)
    return 1


def _another_was_sent(channel: str, tx: ChainTx) -> bool:
    """Its own end says what becomes of the channel."""
    prefix = f"{intents.GIVING_BACK}{channel}:"
    return ChainTx.objects.filter(intent__startswith=prefix, pk__gt=tx.pk).exists()


def _transfers() -> QuerySet[ChainTx]:
    since = timezone.now() - LOOKED_BACK
    return ChainTx.objects.filter(intent__startswith=intents.TRANSFER, made_at__gt=since)
