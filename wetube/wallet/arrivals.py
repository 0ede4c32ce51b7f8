"""Coin that people send to their deposit address: seen on chain, waiting, credited."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from wetube.chain import deployment
from wetube.chain.models import ChainEvent, SeenBlock
from wetube.cloudcoin.models import Account, Entry, Journal

NEWEST = 8


@dataclass(frozen=True)
class Arrival:
    """One transfer of `amount` drops; `blocks` are still to come until it counts, 0 if it does."""

    amount: int
    at: datetime
    tx: str
    blocks: int


def of(account: Account, address: str) -> list[Arrival]:
    """The newest transfers to the address, those that still wait first; three queries at most."""
    return [*waiting(address), *credited(account)]


def waiting(address: str) -> list[Arrival]:
    """Transfers the chain has shown and may still take back."""
    place = deployment.current()
    head = SeenBlock.objects.aggregate(newest=Max("number"))["newest"]
    if place is None or head is None:
        return []
    events = ChainEvent.objects.standing().filter(
        contract="Cloudcoin",
        name="Transfer",
        final=False,
        block_number__gt=head - place.confirmations,
        args__to=address,
    )
    return [
        Arrival(
            amount=int(event.args["value"]),
            at=event.seen_at,
            tx=event.tx_hash,
            blocks=max(1, place.confirmations - (head - event.block_number + 1)),
        )
        for event in events.order_by("-block_number", "-log_index")
    ]


def credited(account: Account) -> list[Arrival]:
    """Transfers that are in the balance."""
    entries = Entry.objects.filter(
        account=account, journal__kind=Journal.Kind.DEPOSIT, amount__gt=0
    )
    newest = entries.select_related("journal").order_by("-pk")[:NEWEST]
    return [
        Arrival(amount=entry.amount, at=entry.journal.at, tx=_tx(entry.journal.reference), blocks=0)
        for entry in newest
    ]


def _tx(reference: str) -> str:
    """`deposit:<hash of the transaction>:<log index>` names the transaction; other ways do not."""
    way, _, rest = reference.partition(":")
    return rest.partition(":")[0] if way == "deposit" else ""
