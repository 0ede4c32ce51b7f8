"""The till: charges a view to the payer's tab, many callers by one durable commit."""

import os
from functools import partial
from typing import Required, TypedDict, Unpack

from channels.db import database_sync_to_async
from django.db import connection

from wetube.cloudcoin import batch
from wetube.cloudcoin.amounts import DROPS_PER_COIN
from wetube.cloudcoin.flusher import Flusher
from wetube.cloudcoin.group_commit import GroupCommit, Interrupted
from wetube.cloudcoin.models import Charge, Tab
from wetube.cloudcoin.orders import Order, Voucher
from wetube.cloudcoin.refusals import (
    BadAmount,
    ChargeRefused,
    EscrowFrozen,
    InsufficientFunds,
    OverDayCap,
    OverViewCap,
    ReferenceReused,
    SelfPayment,
    VoucherMismatch,
    VoucherNeeded,
)
from wetube.people.models import User

__all__ = [
    "BadAmount",
    "ChargeRefused",
    "EscrowFrozen",
    "InsufficientFunds",
    "Interrupted",
    "OverDayCap",
    "OverViewCap",
    "ReferenceReused",
    "SelfPayment",
    "Voucher",
    "VoucherMismatch",
    "VoucherNeeded",
    "charge",
    "charge_async",
    "charge_tab",
    "charge_voucher",
    "charge_voucher_async",
    "rest",
]  # fmt: skip

MOST_AT_ONCE = 500
MAX_DROPS = 10_000 * DROPS_PER_COIN
LONGEST_LABEL = Charge._meta.get_field("label").max_length or 0

_queue: GroupCommit[Order] = GroupCommit(batch.settle, most=MOST_AT_ONCE)
_flusher: Flusher[Order] = Flusher(batch.settle, most=MOST_AT_ONCE)
os.register_at_fork(after_in_child=_queue.forget)
os.register_at_fork(after_in_child=_flusher.forget)

# Wait until every voucher that came in is answered, and let the thread and its connection go.
rest = _flusher.rest


class Terms(TypedDict, total=False):
    """What kind of charge it is, a view unless said; not `capped` is what the payer agreed to
    by its amount, however much they let be charged unasked."""

    kind: Charge.Kind
    capped: bool


class Bill(Terms, total=False):
    """What is charged for, and to whom the coin goes; `amount` is drops."""

    payee: Required[User]
    amount: Required[int]
    subject: Required[str]
    label: str


def charge(
    *,
    payer: User,
    payee: User,
    amount: int,
    reference: str,
    subject: str,
    label: str = "",
    **terms: Unpack[Terms],
) -> Charge:
    """Charge `amount` drops, once per reference; the charge is on disk when this returns.

    `subject` says what was paid for ("video:<key>"), `label` says it for people. Inside a
    transaction of the caller's the charge is part of that transaction and as durable as it.
    The same reference again, for the same thing, returns the first charge.
    Raises SelfPayment, BadAmount, InsufficientFunds, OverViewCap, OverDayCap, ReferenceReused:
    all of them ChargeRefused, and then nothing was moved.
    """
    if payer.pk == payee.pk:
        raise SelfPayment
    return _take(Order(payer, payee, amount, reference, subject, label, **terms))


def charge_tab(
    tab: Tab,
    *,
    payee: User,
    amount: int,
    reference: str,
    subject: str,
    label: str = "",
    **terms: Unpack[Terms],
) -> Charge:
    """Charge a tab that is not a person's balance (a wallet's transfer, tokens); as `charge`."""
    return _take(Order(tab, payee, amount, reference, subject, label, **terms))


def charge_voucher(tab: Tab, voucher: Voucher, **bill: Unpack[Bill]) -> Charge:
    """Charge a signed tab what its voucher pays; the charge is on disk when this returns.

    The voucher's signature is to be checked before; here its sum must be all that stands on
    the tab and this charge. The same voucher again, for the same thing, returns the first charge.
    Raises SelfPayment, BadAmount, InsufficientFunds, OverViewCap, OverDayCap, EscrowFrozen,
    VoucherMismatch: all of them ChargeRefused, and then nothing was moved.
    """
    return _take(Order(tab, reference="", voucher=voucher, **bill))


async def charge_voucher_async(tab: Tab, voucher: Voucher, **bill: Unpack[Bill]) -> Charge:
    """As `charge_voucher`; many callers of one event loop share a commit, without threads."""
    order = Order(tab, reference="", voucher=voucher, **bill)
    _check(order)
    await _flusher.submit(order)
    return order.result()


# Its own threads, so that many callers on one event loop wait together for one commit.
charge_async = partial(database_sync_to_async, thread_sensitive=False)(charge)


def _take(order: Order) -> Charge:
    _check(order)
    if connection.in_atomic_block:
        batch.commit([order])
    else:
        _queue.submit(order)
    return order.result()


def _check(order: Order) -> None:
    if not 0 < order.amount <= MAX_DROPS:
        raise BadAmount(order.amount)
    order.label = _shortened(order.label)


def _shortened(label: str) -> str:
    if label.isprintable() and len(label) <= LONGEST_LABEL:
        return label.strip()
    printable = "".join(letter if letter.isprintable() else " " for letter in label).strip()
    too_long = len(printable) > LONGEST_LABEL
    return f"{printable[: LONGEST_LABEL - 1]}…" if too_long else printable
