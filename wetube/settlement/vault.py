"""What the vault says: roots that are posted, and people who were paid."""

from django.db import transaction
from django.utils import timezone

from wetube.chain.models import ChainEvent
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal
from wetube.settlement import moves
from wetube.settlement.models import PayoutRoot, Withdrawal


def posted(event: ChainEvent) -> None:
    """A root of ours is on the chain for good; a strange one is the reconciliation's finding."""
    ours = PayoutRoot.objects.filter(seq=int(event.args["seq"]), root=event.args["root"])
    ours.filter(posted_at=None).update(posted_at=timezone.now())


def post_gone(event: ChainEvent) -> None:
    ours = PayoutRoot.objects.filter(seq=int(event.args["seq"]), root=event.args["root"])
    ours.update(posted_at=None)


@transaction.atomic
def paid(event: ChainEvent) -> None:
    """Coin has left the vault: every withdrawal of the address up to there is paid."""
    amount = int(event.args["amount"])
    ledger.open_book()
    legs = [
        (ledger.house(Account.Kind.PAYOUTS), -amount),
        (ledger.house(Account.Kind.VAULT), amount),
    ]
    moves.post(moves.name("paid", event), Journal.Kind.PAYOUT, legs)
    waiting = Withdrawal.objects.filter(
        state=Withdrawal.State.ROOTED,
        address=event.args["who"],
        cumulative__lte=int(event.args["cumulative"]),
    )
    for withdrawal in waiting.order_by("cumulative"):
        withdrawal.move_to(Withdrawal.State.PAID, paid_at=timezone.now(), paid_by=event.tx_hash)


@transaction.atomic
def payment_gone(event: ChainEvent) -> None:
    """The coin is in the vault again, and due to the same people."""
    ledger.open_book()
    if not moves.take_back(moves.name("paid", event)):
        return
    before = int(event.args["cumulative"]) - int(event.args["amount"])
    unpaid = Withdrawal.objects.filter(
        state=Withdrawal.State.PAID, address=event.args["who"], cumulative__gt=before
    )
    for withdrawal in unpaid:
        withdrawal.move_to(Withdrawal.State.ROOTED, paid_at=None, paid_by="")
