"""What a giver said along with a tip; the coin itself stands in the books, as a charge."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from wetube.cloudcoin.models import Charge
from wetube.people.models import Channel

LONGEST_NOTE = 200


class Tip(models.Model):
    """Coin given to a channel from a balance, with a few words if the giver likes.

    It goes with its giver and with its channel; its charge stays in the books.
    """

    charge = models.OneToOneField(Charge, models.PROTECT, related_name="tip")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tips")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="tips")
    # What it was given on ("video:<key>"), and that film's title then; "" for the channel itself.
    occasion = models.CharField(max_length=100, blank=True)
    title = models.CharField(max_length=120, blank=True)
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)
    is_named = models.BooleanField(default=False)
    is_hidden = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["giver", "-id"], name="tip_given")]

    def __str__(self) -> str:
        return f"tip {self.pk} to channel {self.channel_id}"
