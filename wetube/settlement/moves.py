"""Journals of what the chain did, and their way back when the chain takes it back.

What may come, go and come again has one name for good, and a number for each coming: the first
journal is `deposit:…`, what takes it back is `reorg:deposit:…#0`, and then follows `deposit:…#1`.
"""

from collections.abc import Sequence

from django.db import transaction

from wetube.chain.models import ChainEvent
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal

Legs = Sequence[tuple[Account, int]]


def name(kind: str, event: ChainEvent) -> str:
    """What a move is called for good: its kind, the transaction's hash, the log's place."""
    return f"{kind}:{event.tx_hash}:{event.log_index}"


def reference(called: str) -> str:
    """The journal's reference for this coming of the move."""
    again = _times_gone(called)
    return f"{called}#{again}" if again else called


def post(called: str, kind: Journal.Kind, legs: Legs) -> Journal:
    """Write the move once for this coming. Raises InsufficientFunds."""
    return ledger.post(reference=reference(called), kind=kind, entries=legs)


@transaction.atomic
def take_back(called: str) -> Journal | None:
    """Turn the move's standing journal around; None if there is none, or it was taken back.

    What somebody has spent of it meanwhile, the gateway pays. Raises InsufficientFunds when it
    cannot: then nothing has moved, ask again later.
    """
    ledger.open_book()
    journal = Journal.objects.filter(reference=reference(called)).first()
    if journal is None:
        return None
    legs = _turned(journal)
    short = sum(amount for _, amount in legs)
    if short:
        legs.append((ledger.house(Account.Kind.GATEWAY), -short))
    again = _times_gone(called)
    return ledger.post(reference=f"reorg:{called}#{again}", kind=Journal.Kind.REORG, entries=legs)


def _times_gone(called: str) -> int:
    times = 0
    while Journal.objects.filter(reference=f"reorg:{called}#{times}").exists():
        times += 1
    return times


def _turned(journal: Journal) -> list[tuple[Account, int]]:
    """Each leg the other way, but nobody inside the books gives more than is free to spend."""
    legs = []
    for entry in journal.entries.select_related("account").order_by("pk"):
        back = -entry.amount
        if back < 0 and entry.account.kind not in Account.OUTSIDE:
            back = max(back, -entry.account.available)
        if back:
            legs.append((entry.account, back))
    return legs
