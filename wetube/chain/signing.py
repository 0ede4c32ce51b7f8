"""Signing what waits: gas, fee, nonce, and the signed form on disk before anybody sees it."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from eth_account.signers.local import LocalAccount

from wetube.chain import fees, reading, rpc, sending
from wetube.chain.models import ChainTx, Sender, SignedTx
from wetube.core.states import TransitionRefused

logger = logging.getLogger(__name__)

CLAIM = timedelta(seconds=5)
# How many of one sender may be on their way at once; nodes keep some dozens.
WINDOW = 16
# How many are looked at in one turn: some may wait for others, and hold nobody up.
LOOK_AT = 64
# After so long without a block, the first in line offers more.
REPLACE_AFTER = timedelta(seconds=90)
HEAD_ROOM_PERCENT = 25
# Public chains take no more from one transaction (EIP-7825: 2²⁴).
MOST_GAS = 16_000_000


class AnotherWasFirst(Exception):
    """Another pump gave this nonce out, or signed this row; what we signed is thrown away."""


@dataclass(frozen=True)
class Hand:
    """Who signs, and for which chain."""

    sender: Sender
    key: LocalAccount
    chain_id: int


def sign_waiting(hand: Hand) -> int:
    """Sign what waits for this sender, oldest first; how many rows were signed, or failed."""
    rows = ChainTx.objects.filter(role=hand.sender.role, state=ChainTx.State.BUILT).order_by("pk")
    if not rows.exists():
        return 0
    claimed = Sender.objects.claim(hand.sender.pk, until=timezone.now() + CLAIM)
    if claimed is None:
        return 0
    try:
        return _sign_rows(list(rows[:LOOK_AT]), Hand(claimed, hand.key, hand.chain_id))
    except fees.TooDear as dear:
        rows.update(error=str(dear))
    except AnotherWasFirst:
        logger.info("Another pump signs for the %s", claimed.role)
    finally:
        claimed.release()
    return 0


def raise_fee(hand: Hand) -> int:
    """Offer more for the first in line if no block takes it; 1 if it was signed anew."""
    flying = ChainTx.objects.filter(sender=hand.sender.address, state=ChainTx.State.SENT)
    first = flying.order_by("nonce").first()
    last = first.signed.order_by("pk").last() if first else None
    if first is None or last is None or not _takes_too_long(first, last):
        return 0
    try:
        fee = fees.raised(fees.current(), most=last.max_fee, tip=last.tip)
    except fees.TooDear as dear:
        flying.filter(pk=first.pk).update(error=str(dear))
        return 0
    with transaction.atomic():
        # Two pumps at once: the second finds the first one's newer form and leaves it.
        locked = ChainTx.objects.select_for_update().get(pk=first.pk)
        if locked.state != ChainTx.State.SENT or locked.signed.filter(pk__gt=last.pk).exists():
            return 0
        _form(first, hand, fee, nonce=last.nonce, gas=last.gas).save()
    return 1


def _takes_too_long(row: ChainTx, last: SignedTx) -> bool:
    """A node that wants a higher price says so at once; one that took the form may just be slow."""
    if row.error == sending.TOO_CHEAP:
        return True
    return last.sent_at is not None and last.signed_at < timezone.now() - REPLACE_AFTER


def _sign_rows(rows: list[ChainTx], hand: Hand) -> int:
    address = hand.sender.address
    flying = ChainTx.objects.filter(sender=address, state=ChainTx.State.SENT).count()
    fee = fees.current()
    used = int(rpc.ask("eth_getTransactionCount", [address, "latest"]), 16)
    signed = 0
    for row in rows:
        if flying + signed >= WINDOW:
            break
        signed += _sign(row, hand, fee, used)
    return signed


def _sign(row: ChainTx, hand: Hand, fee: fees.Fee, used: int) -> int:
    """0 if the row goes on waiting for what was asked before it."""
    if row.reserved and row.nonce is not None and row.nonce < used:
        lost = "Another transaction took its nonce."
        return int(row.moved_to(ChainTx.State.REPLACED, error=lost))
    # Asked first: what is over by now can no longer change what the contract says.
    waits_for_others = ChainTx.objects.filter(pk__lt=row.pk, state__in=("built", "sent")).exists()
    try:
        gas = row.gas or _estimate(row, hand.sender.address)
    except reading.Reverted as refusal:
        if not waits_for_others:
            return int(row.moved_to(ChainTx.State.FAILED, error=str(refusal)[:500]))
        ChainTx.objects.filter(pk=row.pk).update(error=f"Waits: {refusal}"[:500])
        return 0
    except rpc.RpcRefused as refusal:  # too little gas money, most likely
        ChainTx.objects.filter(pk=row.pk).update(error=refusal.message[:500])
        return 0
    _give_out(row, hand, fee, used=used, gas=gas)
    return 1


def _estimate(row: ChainTx, sender: str) -> int:
    """Units of gas with head-room; raises Reverted when the contract refuses."""
    call = {"from": sender, "data": "0x" + bytes(row.data).hex(), "value": hex(row.value)}
    needed = reading.estimate({**call, **({"to": row.to} if row.to else {})})
    return min(needed * (100 + HEAD_ROOM_PERCENT) // 100, MOST_GAS)


def _give_out(row: ChainTx, hand: Hand, fee: fees.Fee, *, used: int, gas: int) -> None:
    """Keep nonce and signed form at once; raises AnotherWasFirst, and nothing is kept."""
    sender = hand.sender
    reserved = row.nonce if row.reserved else None
    nonce = max(sender.next_nonce, used) if reserved is None else reserved
    form = _form(row, hand, fee, nonce=nonce, gas=gas)
    try:
        with transaction.atomic():
            if reserved is None:
                _count_up(sender, nonce)
            row.move_to(
                ChainTx.State.SENT, sender=sender.address, nonce=nonce, hash=form.hash, error=""
            )
            form.save()
    except TransitionRefused as refused:
        raise AnotherWasFirst from refused


def _count_up(sender: Sender, nonce: int) -> None:
    ours = Sender.objects.filter(pk=sender.pk, next_nonce=sender.next_nonce)
    if not ours.update(next_nonce=nonce + 1):
        raise AnotherWasFirst
    sender.next_nonce = nonce + 1


def _form(row: ChainTx, hand: Hand, fee: fees.Fee, *, nonce: int, gas: int) -> SignedTx:
    words: dict[str, Any] = {
        "chainId": hand.chain_id,
        "nonce": nonce,
        "gas": gas,
        "value": row.value,
        "data": bytes(row.data),
        **fee.words(),
        **({"to": row.to} if row.to else {}),
    }
    signed = hand.key.sign_transaction(words)
    return SignedTx(
        tx=row,
        sender=hand.sender.address,
        nonce=nonce,
        hash="0x" + bytes(signed.hash).hex(),
        raw=bytes(signed.raw_transaction),
        max_fee=fee.most,
        tip=fee.tip,
        gas=gas,
    )
