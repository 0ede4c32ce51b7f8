"""Idle channels: what a payer has left unspent for long is given back, at our gas.

The escrow is frozen first, so that nothing is charged while the refund is on its way.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, F, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from wetube.chain import deployment, keys, outbox, reading
from wetube.chain.contracts import CHANNELS
from wetube.chain.models import ChainTx
from wetube.chain.rpc import ChainAway
from wetube.cloudcoin import escrows, ledger
from wetube.cloudcoin.models import Account, Escrow, Tab
from wetube.settlement import withdrawals, worth
from wetube.settlement.models import IdleRefund

logger = logging.getLogger(__name__)

GAS = 100_000
MOST_AT_ONCE = 20


def refund() -> int:
    """Ask for the refund of channels nobody has used for IDLE_DAYS; how many were asked for.

    Safe to run twice: a channel has one refund at a time. A chain that is away waits.
    """
    if deployment.current() is None:
        return 0
    _end_refunds()
    _send_leftovers()
    if not settings.IDLE_DAYS:
        return 0
    try:
        least = worth.least(GAS)
        return sum(_refund(escrow, least) for escrow in _idle(least)[:MOST_AT_ONCE])
    except ChainAway as away:
        logger.info("Idle refunds wait for the chain: %s", away.why)
        return 0


def _idle(least: int) -> QuerySet[Escrow]:
    """Open, all that is owed claimed, unspent coin worth the gas, and long unused."""
    before = timezone.now() - timedelta(days=settings.IDLE_DAYS)
    used = Coalesce(Max("tab__charges__at"), F("opened_at"), output_field=DateTimeField())
    rows = Escrow.objects.filter(
        state=Escrow.State.OPEN, unconfirmed=0, claimed__gte=F("tab__charged") - F("tab__refunded")
    )
    unspent = rows.annotate(used=used, unspent=F("deposited") - F("claimed"))
    return unspent.filter(unspent__gte=least, used__lt=before).order_by("used")


def _refund(escrow: Escrow, least: int) -> int:
    """1 if it was asked for. Raises ChainAway, and then nothing is frozen."""
    channel = bytes.fromhex(escrow.channel.removeprefix("0x"))
    balance, claimed = reading.call(CHANNELS, "channels", channel)
    amount = balance - claimed
    if amount < least:
        return 0
    nonce = int(reading.call(CHANNELS, "refundNonce", channel))
    digest = reading.call(CHANNELS, "getRefundDigest", channel, nonce, amount)
    signature = bytes(keys.account("authorizer").unsafe_sign_hash(digest).signature)
    return int(_send(escrow, [escrow.config, amount, nonce, signature]))


@transaction.atomic
def _send(escrow: Escrow, args: list[Any]) -> bool:
    """Freeze and ask, unless the payer has come back meanwhile or another worker was first."""
    ledger.open_book()
    tab = Tab.objects.locked().get(pk=escrow.tab_id)
    still = Escrow.objects.filter(pk=escrow.pk, state=Escrow.State.OPEN, claimed=escrow.claimed)
    owed = tab.charged - tab.refunded
    if not still.exists() or owed > escrow.claimed:
        return False
    if escrow.idle_refunds.filter(ended=False).exists():
        return False
    escrows.freeze(escrow)
    intent = f"idle:{escrow.pk}:{escrow.idle_refunds.count() + 1}"
    IdleRefund.objects.create(escrow=escrow, intent=intent, amount=args[1])
    function = "refundWithSignature"
    outbox.put(intent, role="relayer", contract=CHANNELS, function=function, args=args)
    return True


def _end_refunds() -> None:
    """Let go of refunds the chain has decided on; the `Refunded` event moves the coin and thaws."""
    for row in IdleRefund.objects.filter(ended=False).select_related("escrow"):
        tx = ChainTx.objects.filter(intent=row.intent).first()
        if tx is None or not tx.is_over:
            continue
        IdleRefund.objects.filter(pk=row.pk).update(ended=True)
        if tx.state != ChainTx.State.FINAL and row.escrow.withdraw_at is None:
            escrows.thaw(row.escrow)


def _send_leftovers() -> None:
    """Coin of wallets that lies in the vault goes back to them with the next payout.

    That is what was refunded after it had been claimed from a channel that is empty now, what was
    refunded of one-off payments, and what somebody sent to the vault itself.
    """
    least = settings.WITHDRAWAL_MINIMUM_DROPS
    rich = Account.objects.filter(balance__gte=F("held") + least)
    empty = Escrow.objects.filter(deposited__lte=F("claimed"), unconfirmed=0)
    left = Q(kind=Account.Kind.WALLET) | Q(kind=Account.Kind.SIGNED, tab__escrow__in=empty)
    for account in rich.filter(left).order_by("pk")[:MOST_AT_ONCE]:
        withdrawals.ask_from(account, amount=account.available, address=account.address, push=True)
