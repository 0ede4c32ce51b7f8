"""What the chain says of payment channels, told to the escrows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from wetube.chain import deployment, keys
from wetube.chain.models import ChainEvent
from wetube.cloudcoin import escrows, ledger
from wetube.cloudcoin.guarded import rewritten
from wetube.cloudcoin.models import Account, Escrow, Journal
from wetube.settlement import moves
from wetube.settlement.models import Credited


def is_ours(config: Mapping[str, Any]) -> bool:
    """Whether a channel pays this gateway: in our coin, into our vault, claimed by our key."""
    place = deployment.required()
    ours = (place.vault, place.token, keys.address("authorizer"))
    return (config["receiver"], config["token"], config["receiverAuthorizer"]) == ours


def opened(event: ChainEvent) -> None:
    """A channel has coin for the first time; if it pays us, it gets an escrow."""
    config = event.args["config"]
    if is_ours(config):
        escrows.opened(event.args["channelId"], config)


def deposit_seen(event: ChainEvent) -> None:
    if escrow := _of(event):
        escrows.deposit_seen(
            escrow, amount=int(event.args["amount"]), reference=moves.name("deposit", event)
        )


@transaction.atomic
def deposit_final(event: ChainEvent) -> None:
    """The coin counts; an escrow that was frozen only because a deposit had gone is open again."""
    escrow = _of(event)
    if escrow is None:
        return
    escrows.deposit_final(
        escrow, amount=int(event.args["amount"]), reference=moves.name("deposit", event)
    )
    escrow.refresh_from_db()
    frozen = escrow.state == Escrow.State.FROZEN
    if frozen and _is_covered(escrow) and not _coin_leaves(event):
        escrows.thaw(escrow)


def deposit_gone(event: ChainEvent) -> None:
    """Raises InsufficientFunds when the gateway cannot pay what was spent of it."""
    if escrow := _of(event):
        escrows.deposit_gone(escrow, reference=moves.name("deposit", event))


def deposit_stuck(event: ChainEvent) -> None:
    """What was spent of a deposit that is gone cannot be paid yet: nothing more is sold on it."""
    escrow = None if event.canonical else _of(event)
    if escrow and escrow.state == Escrow.State.OPEN:
        escrows.freeze(escrow)


def claimed(event: ChainEvent) -> None:
    if escrow := _of(event):
        escrows.claimed(escrow, total=int(event.args["totalClaimed"]))


@transaction.atomic
def claim_gone(event: ChainEvent) -> None:
    """The claim is open again: the escrow says what the claim before it said."""
    escrow = _of(event)
    total = int(event.args["totalClaimed"])
    if escrow is None or escrow.claimed != total:
        return
    ledger.open_book()
    before = total - int(event.args["amount"])
    rewritten(Escrow.objects.filter(pk=escrow.pk, claimed=total), claimed=before)


def settled(event: ChainEvent) -> None:
    """Claimed coin has come into the vault."""
    if _is_our_settle(event):
        amount = int(event.args["amount"])
        legs = [
            (ledger.house(Account.Kind.ESCROWS), amount),
            (ledger.house(Account.Kind.VAULT), -amount),
        ]
        moves.post(moves.name("settle", event), Journal.Kind.CLAIM, legs)


def settle_gone(event: ChainEvent) -> None:
    if _is_our_settle(event):
        moves.take_back(moves.name("settle", event))


def withdrawal_begun(event: ChainEvent) -> None:
    """The payer takes coin back after a delay: no more vouchers, and what was signed is claimed."""
    if escrow := _of(event):
        at = datetime.fromtimestamp(int(event.args["finalizableAt"]), UTC)
        escrows.freeze(escrow, withdraw_at=at)


def withdrawal_gone(event: ChainEvent) -> None:
    escrow = _of(event)
    if escrow and escrow.state == Escrow.State.FROZEN:
        escrows.thaw(escrow)


def coin_leaving(event: ChainEvent) -> None:
    """The payer has coin back, by a withdrawal or by a refund of ours; wait until it is sure."""
    if escrow := _of(event):
        escrows.freeze(escrow)


@transaction.atomic
def coin_left(event: ChainEvent) -> None:
    """It is sure. Raises InsufficientFunds when the gateway cannot pay what was spent of it."""
    escrow, amount = _of(event), int(event.args["amount"])
    if escrow is None:
        return
    if amount:
        reference = moves.reference(moves.name("withdrawn", event))
        escrow = escrows.withdrawn(escrow, amount=amount, reference=reference)
    if not _is_covered(escrow):
        # They took what they had spent; whoever does that gets no second chance.
        Escrow.objects.filter(pk=escrow.pk).update(state=Escrow.State.CLOSED)
    elif not _coin_leaves(event):
        escrows.thaw(escrow)


@transaction.atomic
def coin_back(event: ChainEvent) -> None:
    """The chain took that back: the coin lies in the channel again."""
    escrow = _of(event)
    if escrow and moves.take_back(moves.name("withdrawn", event)):
        amount = int(event.args["amount"])
        left = Escrow.objects.get(pk=escrow.pk).deposited
        rewritten(Escrow.objects.filter(pk=escrow.pk), deposited=left + amount)


def _of(event: ChainEvent) -> Escrow | None:
    """The escrow of the event's channel; one we only now see gets it from the chain's own words."""
    channel = event.args["channelId"]
    known = escrows.of(channel)
    if known:
        return known
    created = ChainEvent.objects.standing().filter(
        contract="BatchSettlement", name="ChannelCreated", args__channelId=channel
    )
    for first in created[:1]:
        opened(first)
    return escrows.of(channel)


def _is_our_settle(event: ChainEvent) -> bool:
    place = deployment.required()
    return (event.args["receiver"], event.args["token"]) == (place.vault, place.token)


def _is_covered(escrow: Escrow) -> bool:
    """Whether what is signed for lies in the channel, but for what was given back."""
    return escrow.signed <= escrow.deposited + escrow.unconfirmed + escrow.tab.refunded


def _coin_leaves(event: ChainEvent) -> bool:
    """Whether a withdrawal from the channel has begun, or coin has left it and is still booked."""
    steps = ChainEvent.objects.standing().filter(
        contract="BatchSettlement", args__channelId=event.args["channelId"]
    )
    booked = Q(pk=event.pk) | Q(credited__stage=Credited.Stage.FINAL)
    left = steps.filter(name__in=("Refunded", "WithdrawFinalized")).exclude(booked)
    turns = steps.filter(name__in=("WithdrawInitiated", "WithdrawFinalized"))
    last = turns.order_by("-block_number", "-log_index").first()
    return left.exists() or (last is not None and last.name == "WithdrawInitiated")
