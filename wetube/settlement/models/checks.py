"""What the nightly reconciliation found, invariant by invariant."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class InvariantRun(models.Model):
    """One checking of one invariant; the newest of each is what the operator sees."""

    class Result(models.TextChoices):
        HOLDS = "holds", _("Holds")
        BROKEN = "broken", _("Broken")
        UNKNOWN = "unknown", _("Could not be checked")

    invariant = models.CharField(max_length=4)
    result = models.CharField(max_length=8, choices=Result)
    found = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=list, blank=True)
    seconds = models.FloatField(default=0)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["invariant", "-at"], name="invariant_newest")]

    def __str__(self) -> str:
        return f"{self.invariant} {self.result}"
