"""Lists of somebody else that this gateway goes by, and what it serves all the same."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from node_bridge.denylists import LONGEST_PATH
from wetube.core.keys import new_key

URL_LENGTH, ETAG_LENGTH = 500, 200


class ForeignList(models.Model):
    """A list of refusals of another gateway or publisher, taken over from where it is published.

    Its rules are those of the last answer that made sense; `why` is what went wrong since, "" for
    nothing. `signer` is the PeerId of a signed list: another one is not believed later.
    """

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    url = models.CharField(max_length=URL_LENGTH, unique=True)
    name = models.CharField(max_length=100, blank=True)
    signer = models.CharField(max_length=80, blank=True)
    etag = models.CharField(max_length=ETAG_LENGTH, blank=True)
    entries = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(default=timezone.now)
    fetched = models.DateTimeField(null=True, blank=True)
    next_try = models.DateTimeField(default=timezone.now, db_index=True)
    why = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"foreign list {self.key}"


class ForeignRule(models.Model):
    """One rule of a foreign list; of what it declines only the hash is kept."""

    source = models.ForeignKey(ForeignList, models.CASCADE, related_name="rules")
    mark = models.BinaryField(max_length=32)
    below = models.CharField(max_length=LONGEST_PATH, blank=True)
    lets_through = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["mark"], name="foreign_rule_by_mark")]

    def __str__(self) -> str:
        return f"rule of {self.source_id}"


class Allowance(models.Model):
    """A content that this gateway serves whatever a foreign list says."""

    cid = models.CharField(max_length=256, unique=True)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"allowance {self.pk}"
