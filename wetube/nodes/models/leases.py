"""What is to be kept on nodes, and each node's promise to keep a part of it."""

from collections.abc import Collection, Mapping
from secrets import token_hex
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet
from wetube.nodes.models.operators import Node


def new_serial() -> str:
    """128 random bits in hex: what a lease is called everywhere."""
    return token_hex(16)


class PlacementQuerySet(StatefulQuerySet["Placement"]):
    def standing(self) -> Self:
        return self.filter(state=Placement.State.STANDING)


class Placement(Stateful):
    """One content that nodes keep for us: whole, in several copies, or coded in shards.

    `root` is the content's CID; of a coded one the CID of nothing anybody can ask for, but the
    name of the set: its columns' CIDs stand in `columns`, one a shard index. `wanted` is how many
    leases there should be, `needed` with how many it can still be read (1 of whole copies, k of a
    code). `size` is bytes of one lease's part. `healthy` is how many leases hold now, as last
    counted; `filled` since when there have been as many as wanted, None while some are missing and
    asked for; `holder` whose it is (content.Pin's word).
    """

    class Kind(models.TextChoices):
        WHOLE = "whole", _("Whole copies")
        CODED = "coded", _("Coded shards")

    class State(models.TextChoices):
        STANDING = "standing", _("Kept")
        ENDING = "ending", _("Ending")
        ENDED = "ended", _("Ended")

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.STANDING: {State.ENDING},
        State.ENDING: {State.ENDED, State.STANDING},
        State.ENDED: {State.STANDING},
    }

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.STANDING)
    root = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    holder = models.CharField(max_length=60)
    codec = models.CharField(max_length=40, blank=True)
    columns = models.JSONField(default=list, blank=True)
    size = models.BigIntegerField()
    wanted = models.PositiveSmallIntegerField()
    needed = models.PositiveSmallIntegerField(default=1)
    healthy = models.PositiveSmallIntegerField(default=0)
    filled = models.DateTimeField(null=True, blank=True)
    is_open = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now)
    looked_at = models.DateTimeField(null=True, blank=True)
    last_proof = models.DateTimeField(null=True, blank=True)
    paid_until = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(PlacementQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(size__gte=0, needed__gte=1, wanted__gte=F("needed")),
                name="placement_wants_what_it_needs",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "looked_at"], name="placement_due"),
            models.Index(fields=["holder"], name="placement_holder"),
        ]

    def __str__(self) -> str:
        return f"placement {self.key}"

    @property
    def is_coded(self) -> bool:
        return self.kind == self.Kind.CODED

    def part(self, index: int) -> str:
        """The CID of what the lease of this index keeps."""
        return str(self.columns[index]) if self.is_coded else self.root


class LeaseQuerySet(StatefulQuerySet["Lease"]):
    def held(self) -> Self:
        return self.filter(state=Lease.State.HELD)

    def running(self) -> Self:
        """Asked for, on their way, or held: what fills a place of its placement."""
        return self.filter(state__in=Lease.RUNNING)

    def readable(self) -> Self:
        """Held now by a node that is there now."""
        serving = (Node.State.ACTIVE, Node.State.LEAVING)
        now = timezone.now()
        return self.held().filter(node__state__in=serving, not_after__gt=now)


class Lease(Stateful):
    """A node's promise to keep a part until a date, for a price.

    `cid` is the root of the part and `size` its bytes; `index` the shard's number, 0 for a whole
    copy. `price` is drops a GiB and 30 days, fixed when asked. `told_until` is the end the node
    has acknowledged, `proved` its last good proof, `paid_through` until when proofs, good and bad,
    have settled its pay; `tries` and `next_try` belong to whoever is asking the node for
    something, `why` is what it last answered.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        FETCHING = "fetching", _("Fetching")
        HELD = "held", _("Held")
        ENDING = "ending", _("Ending")
        ENDED = "ended", _("Ended")
        LOST = "lost", _("Lost")
        REFUSED = "refused", _("Refused")

    RUNNING = (State.ASKED, State.FETCHING, State.HELD)

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.ASKED: {State.FETCHING, State.HELD, State.REFUSED, State.ENDING, State.LOST},
        State.FETCHING: {State.HELD, State.REFUSED, State.ENDING, State.LOST},
        State.HELD: {State.ENDING, State.LOST},
        State.ENDING: {State.ENDED},
        State.LOST: {State.HELD, State.ENDING},
        State.REFUSED: set(),
        State.ENDED: set(),
    }

    serial = models.CharField(max_length=32, unique=True, default=new_serial, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    node = models.ForeignKey(Node, models.CASCADE, related_name="leases")
    placement = models.ForeignKey(Placement, models.CASCADE, related_name="leases")
    cid = models.CharField(max_length=120, db_index=True)
    index = models.PositiveSmallIntegerField(default=0)
    size = models.BigIntegerField()
    price = models.BigIntegerField()
    not_before = models.DateTimeField(default=timezone.now)
    not_after = models.DateTimeField()
    told_until = models.DateTimeField(null=True, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)
    proved = models.DateTimeField(null=True, blank=True)
    paid_through = models.DateTimeField(null=True, blank=True)
    next_proof = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=300, blank=True)

    objects = models.Manager.from_queryset(LeaseQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(size__gte=0, price__gte=0, not_after__gt=F("not_before")),
                name="lease_is_a_promise",
            ),
            models.UniqueConstraint(
                fields=["placement", "node"],
                condition=Q(state__in=("asked", "fetching", "held")),
                name="lease_one_part_a_node",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "next_try"], name="lease_due"),
            models.Index(fields=["state", "next_proof"], name="lease_proof_due"),
            models.Index(fields=["node", "state"], name="lease_of_node"),
        ]

    def __str__(self) -> str:
        return f"lease {self.serial}"
