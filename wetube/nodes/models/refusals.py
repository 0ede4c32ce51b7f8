"""What a gateway or an operator declines to keep and serve, openly and with the reason."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from wetube.core.keys import new_key
from wetube.nodes.models.operators import Operator


class Refusal(models.Model):
    """One content that is declined. Nothing is erased by it: others may keep and serve it.

    `operator` declines it for their nodes; without one it is the gateway itself. A lifted refusal
    stays in the log.
    """

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    operator = models.ForeignKey(Operator, models.CASCADE, null=True, related_name="refusals")
    cid = models.CharField(max_length=256, db_index=True)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField(default=timezone.now)
    lifted = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["operator", "cid"],
                condition=Q(lifted=None, operator__isnull=False),
                name="refusal_once_an_operator",
            ),
            models.UniqueConstraint(
                fields=["cid"],
                condition=Q(lifted=None, operator=None),
                name="refusal_once_the_gateway",
            ),
        ]

    def __str__(self) -> str:
        return f"refusal {self.key}"

    def get_absolute_url(self) -> str:
        return reverse("nodes:refusal", args=[self.key])


class Appeal(models.Model):
    """Somebody says why a refusal of the gateway is wrong, and what they were answered."""

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    refusal = models.ForeignKey(Refusal, models.CASCADE, related_name="appeals")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="appeals"
    )
    says = models.TextField(max_length=2000)
    at = models.DateTimeField(default=timezone.now)
    answer = models.TextField(max_length=2000, blank=True)
    answered = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["refusal", "by"], name="appeal_once_a_person")
        ]

    def __str__(self) -> str:
        return f"appeal {self.key}"
