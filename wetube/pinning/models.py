"""The rows of pinning: what people asked this gateway to keep."""

from collections.abc import Collection, Mapping
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet


class PinRequest(Stateful):
    """A person's wish that a content be kept, from asking until it is taken back.

    `asked` is the CID as it was written, `cid` the same in canonical form. `created` is a whole
    millisecond, once for each owner, because clients turn pages by it. `size` is bytes kept, or
    fetched so far. `folded` and `pairs` are name and meta as filters look for them.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        PINNING = "pinning", _("Fetching")
        PINNED = "pinned", _("Kept")
        FAILED = "failed", _("Failed")

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.QUEUED: {State.PINNING},
        State.PINNING: {State.QUEUED, State.PINNED, State.FAILED},
        State.PINNED: set(),
        State.FAILED: {State.QUEUED},
    }

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pin_requests")
    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    asked = models.CharField(max_length=256)
    cid = models.CharField(max_length=256, db_index=True)
    name = models.CharField(max_length=255, blank=True)
    folded = models.TextField(blank=True)
    origins = models.JSONField(default=list, blank=True)
    meta = models.JSONField(default=dict, blank=True)
    pairs = models.TextField(blank=True)
    created = models.DateTimeField()
    size = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=300, blank=True)

    objects = models.Manager.from_queryset(StatefulQuerySet["PinRequest"])()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "created"], name="pin_request_own_moment"),
            models.CheckConstraint(
                condition=models.Q(size__gte=0), name="pin_request_size_not_negative"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "next_try"], name="pin_request_due")]

    def __str__(self) -> str:
        return f"pin request {self.key}"

    @property
    def holder(self) -> str:
        """What the content's Pin calls this request."""
        return f"pin:{self.key}"
