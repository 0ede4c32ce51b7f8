"""What nodes were paid, task by task: one row a payment, never changed."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin.guarded import MoneyQuerySet, MoneyRow
from wetube.cloudcoin.models import Account, Journal
from wetube.core.keys import new_key
from wetube.nodes.models.operators import Node


class Earning(MoneyRow):
    """Drops a node earned by one task, moved by `journal` to its operator's account at once."""

    class Kind(models.TextChoices):
        STORAGE = "storage", _("Storage")
        BANDWIDTH = "bandwidth", _("Bandwidth")
        COMPUTATION = "computation", _("Computation")

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    node = models.ForeignKey(Node, models.SET_NULL, null=True, related_name="earnings")
    account = models.ForeignKey(Account, models.PROTECT, related_name="earnings")
    kind = models.CharField(max_length=12, choices=Kind)
    amount = models.BigIntegerField()
    reference = models.CharField(max_length=120, unique=True)
    journal = models.OneToOneField(Journal, models.PROTECT, related_name="earning")
    at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(MoneyQuerySet["Earning"])()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="earning_is_some_coin")
        ]
        indexes: ClassVar = [
            models.Index(fields=["account", "at"], name="earning_of_operator"),
            models.Index(fields=["node", "at"], name="earning_of_node"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} drops for {self.reference}"
