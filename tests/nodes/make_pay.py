"""Nodes of the network and coin for them, for tests of what they are paid."""

from itertools import count

from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Entry, Journal
from wetube.nodes.models import Earning, Node, Operator
from wetube.people.models import User

_gifts = (f"for the nodes:{number}" for number in count())


def node(operator: User, *, identity: Identity | None = None, **fields: object) -> Node:
    """A node of this person's that is there and serves; its key may be the test's."""
    owner, _ = Operator.objects.get_or_create(user=operator)
    peer_id = (identity or Identity.create()).peer_id
    return Node.objects.create(
        **{
            "peer_id": peer_id,
            "operator": owner,
            "state": Node.State.ACTIVE,
            "urls": [f"https://{peer_id[-8:].lower()}.example"],
            "prices": {"storage": 0, "delivery": 0, "compute": {}},
            **fields,
        }
    )


def fund_nodes(amount: int) -> None:
    """New coin on the nodes' account."""
    legs = [
        (ledger.house(Account.Kind.ISSUANCE), -amount),
        (ledger.house(Account.Kind.NODES), amount),
    ]
    ledger.post(reference=next(_gifts), kind=Journal.Kind.EMISSION, entries=legs)


def nodes_have() -> int:
    return ledger.house(Account.Kind.NODES).balance


def books() -> list[object]:
    """All that money rows say, earnings with them, to compare before and after a refusal."""
    return [*coin.books(), sorted(Earning.objects.values_list("pk", "amount", "account"))]


def journaled(user: User) -> int:
    """What the books say this person's nodes earned."""
    entries = Entry.objects.filter(account__owner=user, journal__kind=Journal.Kind.EARNING)
    return sum(entries.values_list("amount", flat=True))
