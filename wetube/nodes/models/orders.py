"""What nodes may deliver at a view's cost, what they delivered, and how its pay was split."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from wetube.cloudcoin.guarded import MoneyQuerySet, MoneyRow
from wetube.cloudcoin.models import Account, Charge
from wetube.nodes.models.earnings import Earning
from wetube.nodes.models.operators import Node


class OrderLimit(models.Model):
    """One node may deliver up to `max_bytes` of what lies under `root` to one client.

    `client` is a PeerId. `charge` is the view that pays; without one the client is this gateway,
    which reads for its viewers, and `spread` counts the bytes that views have paid of it. `price`
    is drops a GiB: what the whole film from this node would bring. `received` is what the highest
    receipt said, `receipt` that statement. After `settled_at` nothing more counts.
    """

    serial = models.CharField(max_length=43, unique=True)
    node = models.ForeignKey(Node, models.CASCADE, related_name="order_limits")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, related_name="order_limits")
    client = models.CharField(max_length=64)
    root = models.CharField(max_length=120)
    max_bytes = models.BigIntegerField()
    price = models.BigIntegerField()
    issued = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    received = models.BigIntegerField(default=0)
    receipt = models.TextField(blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    spread = models.BigIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    price__gte=0, received__gte=0, received__lte=F("max_bytes"), spread__gte=0
                ),
                name="order_limit_is_kept",
            ),
            models.CheckConstraint(
                condition=Q(spread__lte=F("received")), name="order_limit_is_paid_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["node", "expires"], name="order_limit_of_node"),
            models.Index(
                fields=["expires"], condition=Q(settled_at=None), name="order_limit_unsettled"
            ),
        ]

    def __str__(self) -> str:
        return f"order limit {self.serial}"


class ViewSplit(MoneyRow):
    """A view's nodes' share, split once by bytes; `size` is what the gateway served itself."""

    charge = models.OneToOneField(Charge, models.PROTECT, related_name="split")
    size = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(MoneyQuerySet["ViewSplit"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(size__gte=0), name="view_split_by_bytes")
        ]

    def __str__(self) -> str:
        return f"split of charge {self.charge_id}"


class ViewPart(MoneyRow):
    """What one node delivered of a view, in bytes, and had of its pay, in drops.

    `account` is its operator's; `earning` is missing where the part comes to no drop.
    """

    split = models.ForeignKey(ViewSplit, models.PROTECT, related_name="parts")
    node = models.ForeignKey(Node, models.SET_NULL, null=True, related_name="view_parts")
    account = models.ForeignKey(Account, models.PROTECT, related_name="view_parts")
    size = models.BigIntegerField()
    amount = models.BigIntegerField()
    earning = models.OneToOneField(Earning, models.PROTECT, null=True, related_name="view_part")

    objects = models.Manager.from_queryset(MoneyQuerySet["ViewPart"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(size__gt=0, amount__gte=0), name="view_part_is_for_bytes"
            ),
            models.UniqueConstraint(fields=["split", "node"], name="view_part_once_a_node"),
        ]

    def __str__(self) -> str:
        return f"{self.size} bytes of split {self.split_id}"


class NodeDebt(models.Model):
    """What one node owes another for bytes in all, in drops, and how much of it is settled.

    `statement` is the debtor's signed word for `total`.
    """

    debtor = models.ForeignKey(Node, models.CASCADE, related_name="debts")
    creditor = models.ForeignKey(Node, models.CASCADE, related_name="claims")
    total = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    statement = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["debtor", "creditor"], name="one_debt_a_pair"),
            models.CheckConstraint(
                condition=Q(settled__gte=0, settled__lte=F("total")), name="debt_is_settled_once"
            ),
            models.CheckConstraint(
                condition=~Q(debtor=F("creditor")), name="debt_is_to_another_node"
            ),
        ]

    def __str__(self) -> str:
        return f"debt of node {self.debtor_id} to node {self.creditor_id}"
