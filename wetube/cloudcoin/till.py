"""The till: charges a view to the payer's tab, many callers by one durable commit."""

import os
from functools import partial
from typing import TypedDict, Unpack

from channels.db import database_sync_to_async
from django.db import connection

from wetube.cloudcoin import batch
from wetube.cloudcoin.amounts import DROPS_PER_COIN
from wetube.cloudcoin.batch import Order
from wetube.cloudcoin.group_commit import GroupCommit, Interrupted
from wetube.cloudcoin.models import Charge, Tab
from wetube.cloudcoin.refusals import (
    BadAmount,
    ChargeRefused,
    InsufficientFunds,
    OverDayCap,
    OverViewCap,
    ReferenceReused,
    SelfPayment,
)
from wetube.people.models import User

__all__ = [
    "BadAmount",
    "ChargeRefused",
    "InsufficientFunds",
    "Interrupted",
    "OverDayCap",
    "OverViewCap",
    "ReferenceReused",
    "SelfPayment",
    "charge",
    "charge_async",
    "charge_tab",
]  # fmt: skip

MOST_AT_ONCE = 500
MAX_DROPS = 10_000 * DROPS_PER_COIN

_queue: GroupCommit[Order] = GroupCommit(batch.settle, most=MOST_AT_ONCE)
os.register_at_fork(after_in_child=_queue.forget)


class Terms(TypedDict, total=False):
    """What kind of charge it is, a view unless said; not `capped` is what the payer agreed to
    by its amount, however much they let be charged unasked."""

    kind: Charge.Kind
    capped: bool


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


# Its own threads, so that many callers on one event loop wait together for one commit.
charge_async = partial(database_sync_to_async, thread_sensitive=False)(charge)


def _take(order: Order) -> Charge:
    if not 0 < order.amount <= MAX_DROPS:
        raise BadAmount(order.amount)
    order.label = _shortened(order.label)
    if connection.in_atomic_block:
        batch.commit([order])
    else:
        _queue.submit(order)
    return order.result()


def _shortened(label: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in label).strip()
    longest = Charge._meta.get_field("label").max_length or 0
    return printable if len(printable) <= longest else f"{printable[: longest - 1]}…"
