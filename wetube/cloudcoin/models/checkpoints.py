"""Up to where the books were found right, so that the next check need not begin at the start."""

from django.db import models
from django.utils import timezone


class Checkpoint(models.Model):
    """The end of the books at a check that found nothing wrong: ids, the chain's head, balances.

    `balances` are drops by the account's id. `whole`: the check began at the first journal.
    """

    journal = models.BigIntegerField()
    charge = models.BigIntegerField()
    rollup = models.BigIntegerField()
    journals = models.BigIntegerField()
    head = models.CharField(max_length=64)
    balances = models.JSONField()
    whole = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"books right up to journal {self.journal}"
