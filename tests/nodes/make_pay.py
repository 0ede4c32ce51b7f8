"""Nodes of the network and coin for them, for tests of what they are paid."""

from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from node_bridge.network import orders as order
from node_bridge.network import statements
from node_bridge.network.identity import Identity
from tests.cloudcoin import make as coin
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Entry, Journal
from wetube.content.models import Content, Pin
from wetube.nodes.models import Earning, Lease, Node, Operator, OrderLimit, Placement
from wetube.nodes.orders import Offer
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


ROOT = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
SUBJECT = "video:one"
FILM = 20 << 20  # bytes


def film(*, root: str = ROOT, subject: str = SUBJECT, size: int = FILM) -> Content:
    """A content that people pay for, kept for its film."""
    content, _ = Content.objects.get_or_create(cid=root, defaults={"size": size})
    Pin.objects.get_or_create(content=content, holder=subject)
    return content


def holds(node: Node, *, root: str = ROOT, size: int = FILM) -> Lease:
    """The node holds the content under a lease."""
    placement, _ = Placement.objects.get_or_create(
        root=root,
        defaults={"kind": Placement.Kind.WHOLE, "holder": SUBJECT, "size": size, "wanted": 3},
    )
    return Lease.objects.create(
        node=node,
        placement=placement,
        cid=root,
        size=size,
        price=0,
        state=Lease.State.HELD,
        not_after=timezone.now() + timedelta(days=30),
    )


def receipt(client: Identity, offer: Offer, size: int) -> str:
    """What the client signs for so many bytes under an order limit it was given."""
    limit = order.read_limit(offer.token, by=None, to=None, now=0)
    return order.sign(client, limit, size)


def sign(client: Identity, offer: Offer, **claims: object) -> str:
    """A receipt that says whatever the test wants, signed by whomever."""
    good = {"aud": offer.node, "jti": offer.serial, "bytes": 1, "exp": offer.expires}
    return statements.state(client, statements.RECEIPT, {**good, **claims})


def limits() -> list[object]:
    """All that order limits say."""
    rows = OrderLimit.objects.order_by("pk")
    return list(rows.values_list("serial", "received", "receipt", "spread", "settled_at"))


def later(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def end_limits() -> None:
    """All order limits of now are over."""
    OrderLimit.objects.update(expires=timezone.now())
