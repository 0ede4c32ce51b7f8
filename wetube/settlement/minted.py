"""What the mint says: roots that are posted, and new coin that came to the vault."""

from django.db.models import QuerySet
from django.utils import timezone

from wetube.chain import deployment
from wetube.chain.models import ChainEvent
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal
from wetube.settlement import moves
from wetube.settlement.models import Epoch


class NoOpening(LookupError):
    """It is not known yet how much coin opened the chain; the next run of the epochs says it."""


def posted(event: ChainEvent) -> None:
    """A root of ours is on the chain for good."""
    _ours(event).update(posted_at=timezone.now())


def post_gone(event: ChainEvent) -> None:
    _ours(event).update(posted_at=None)


def claimed(event: ChainEvent) -> None:
    """New coin in the vault: what opened the chain backs grants, what was earned is the nodes'.

    Raises NoOpening before the first run of the epochs.
    """
    if event.args["who"] != deployment.required().vault:
        return
    opened = Epoch.objects.filter(is_opening=True).first()
    if opened is None:
        raise NoOpening("The epochs have not begun yet.")
    amount, cumulative = int(event.args["amount"]), int(event.args["cumulative"])
    opening = min(amount, max(0, opened.total - (cumulative - amount)))
    legs = [
        (ledger.house(Account.Kind.VAULT), -amount),
        (ledger.house(Account.Kind.ISSUANCE), opening),
        (ledger.house(Account.Kind.NODES), amount - opening),
    ]
    name = moves.name("minted", event)
    moves.post(name, Journal.Kind.EMISSION, [leg for leg in legs if leg[1]])


def claim_gone(event: ChainEvent) -> None:
    moves.take_back(moves.name("minted", event))


def _ours(event: ChainEvent) -> QuerySet[Epoch]:
    epochs = Epoch.objects.filter(is_opening=False)
    return epochs.filter(number=int(event.args["epoch"]), root=event.args["root"])
