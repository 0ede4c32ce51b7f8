"""Paying by voucher: the fast way, from the payer's signature to the charge on disk."""

from typing import Any

from channels.db import database_sync_to_async
from django.db import Error as DatabaseError

from wetube.cloudcoin import till
from wetube.cloudcoin.models import Charge
from wetube.wire import known, payments
from wetube.wire.goods import Good
from wetube.wire.known import Channel, Channels
from wetube.wire.payments import Payment, Signed
from wetube.wire.refusals import (
    BooksUnavailable,
    ChannelFrozen,
    CountMismatch,
    Declined,
    OverCap,
    OverDeposit,
    OwnGoods,
    Refused,
)
from wetube.wire.terms import Terms

Paid = tuple[Charge, dict[str, Any]]


async def pay(good: Good, payment: Payment, asked: Terms, channels: Channels) -> Paid:
    """Take the voucher in the payment; the charge, and the answer x402's clients count by.

    Raises Refused, and then nothing was charged.
    """
    said = payments.signed(payment.payload)
    channel = await channels.find(said.channel)
    if payment.payload.get("channelConfig") != channel.config:
        payments.config(payment.payload, asked, said.channel)
    signature = payments.canonical(asked, said, channel.authorizer)
    charge = await charged(good, channel, till.Voucher(said.most, signature))
    return charge, settled(good, channel, said, asked)


async def charged(good: Good, channel: Channel, voucher: till.Voucher) -> Charge:
    """The till's charge for a voucher whose signature was checked; raises Refused."""
    try:
        return await till.charge_voucher_async(
            channel.tab,
            voucher,
            payee=good.payee,
            amount=good.price,
            subject=good.subject,
            label=good.label,
            kind=good.kind,
        )
    except till.VoucherMismatch as mismatch:
        state = await database_sync_to_async(known.corrections)(channel.id)
        raise CountMismatch(state, str(mismatch)) from mismatch
    except till.ChargeRefused as no:
        raise _refusal(no) from no
    except (DatabaseError, till.Interrupted) as error:
        raise BooksUnavailable from error


def settled(
    good: Good, channel: Channel, said: Signed, asked: Terms, transaction: str = ""
) -> dict[str, Any]:
    """x402's SettleResponse for a voucher."""
    return {
        "success": True,
        "payer": channel.payer,
        "transaction": transaction,
        "network": asked.network,
        "amount": "",
        "extra": {
            "channelState": channel.state(said.most),
            "chargedAmount": str(good.price),
        },
    }


def _refusal(no: till.ChargeRefused) -> Refused:
    """The till's refusal in the wire's words."""
    if isinstance(no, till.EscrowFrozen):
        return ChannelFrozen()
    if isinstance(no, till.InsufficientFunds):
        return OverDeposit(str(no))
    if isinstance(no, (till.OverViewCap, till.OverDayCap)):
        return OverCap(str(no))
    if isinstance(no, till.SelfPayment):
        return OwnGoods(str(no))
    return Declined("charge_refused", str(no))
