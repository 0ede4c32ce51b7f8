"""Who runs nodes, and the nodes: what each offers, how it stands, what it has proved."""

from collections.abc import Collection, Mapping
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet

MICRO = 1_000_000  # reputation is counted in millionths
PRIOR_ALPHA, PRIOR_BETA = 3 * MICRO, MICRO


class Operator(models.Model):
    """A person who runs nodes. All of them earn for one balance, that of the person's account.

    `token_digest` is the sha256 of the secret that registers nodes for this person; "" for none.
    Where the earnings go is the person's standing order (settlement).
    """

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="operator")
    token_digest = models.CharField(max_length=64, blank=True, db_index=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["token_digest"], condition=~Q(token_digest=""), name="operator_token_once"
            )
        ]

    def __str__(self) -> str:
        return f"operator {self.key}"


class NodeQuerySet(StatefulQuerySet["Node"]):
    def serving(self) -> Self:
        """Those that are there now: may be read from and asked for proofs."""
        return self.filter(state__in=(Node.State.ACTIVE, Node.State.LEAVING))

    def taking(self) -> Self:
        """Those that new leases may be offered to."""
        return self.filter(state=Node.State.ACTIVE)


class Node(Stateful):
    """A machine that keeps blocks, serves them and works for coin, known by its public key.

    Sizes are bytes: `capacity` is what it sells, `free` what it says is left. `bandwidth` is
    bytes a second at most, 0 for no bound. `hours` are the UTC hours it works, [] for all.
    `prices` are drops: {"storage": a GiB and 30 days, "delivery": a GiB, "compute": {rung: an
    output second}}. `prefix` is the /24 or /48 its first address lies in. `alpha` and `beta`
    count proofs, good and bad, in millionths, the older the less; reputation.py has the formula.
    """

    class State(models.TextChoices):
        JOINING = "joining", _("Joining")
        ACTIVE = "active", _("Active")
        SUSPECT = "suspect", _("Silent")
        LOST = "lost", _("Lost")
        LEAVING = "leaving", _("Leaving")
        GONE = "gone", _("Gone")
        REFUSED = "refused", _("Refused")

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.JOINING: {State.ACTIVE, State.SUSPECT, State.LOST, State.GONE, State.REFUSED},
        State.ACTIVE: {State.SUSPECT, State.JOINING, State.LEAVING, State.REFUSED},
        State.SUSPECT: {State.ACTIVE, State.JOINING, State.LOST, State.LEAVING, State.REFUSED},
        State.LOST: {State.JOINING, State.GONE, State.REFUSED},
        State.LEAVING: {State.GONE, State.LOST, State.REFUSED},
        State.GONE: {State.JOINING},
        State.REFUSED: {State.JOINING},
    }

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    peer_id = models.CharField(max_length=64, unique=True)
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="nodes")
    state = models.CharField(max_length=12, choices=State, default=State.JOINING)
    why = models.CharField(max_length=300, blank=True)
    urls = models.JSONField(default=list)
    certificate = models.CharField(max_length=64, blank=True)
    prefix = models.CharField(max_length=50, blank=True)
    capacity = models.BigIntegerField(default=0)
    free = models.BigIntegerField(default=0)
    bandwidth = models.BigIntegerField(default=0)
    hours = models.JSONField(default=list, blank=True)
    prices = models.JSONField(default=dict)
    slots = models.PositiveSmallIntegerField(default=0)
    version = models.CharField(max_length=40, blank=True)
    alpha = models.BigIntegerField(default=PRIOR_ALPHA)
    beta = models.BigIntegerField(default=PRIOR_BETA)
    losses = models.PositiveSmallIntegerField(default=0)
    joined = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(null=True, blank=True)
    last_statement = models.BigIntegerField(default=0)  # `iat` of the newest self-description

    objects = models.Manager.from_queryset(NodeQuerySet)()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(capacity__gte=0, free__gte=0, bandwidth__gte=0),
                name="node_offers_no_less_than_nothing",
            ),
            models.CheckConstraint(
                condition=Q(alpha__gte=0, beta__gte=0), name="node_reputation_not_negative"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "last_seen"], name="node_silent")]

    def __str__(self) -> str:
        return f"node {self.key}"

    @property
    def reputation(self) -> int:
        """The chance that the next proof is good, in millionths: alpha / (alpha + beta)."""
        return self.alpha * MICRO // max(self.alpha + self.beta, 1)


class SpentRequest(models.Model):
    """The random number of a signed request or statement that was answered; none is twice."""

    jti = models.CharField(max_length=64)
    peer_id = models.CharField(max_length=64)
    expires = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["peer_id", "jti"], name="request_once")
        ]

    def __str__(self) -> str:
        return f"{self.jti} of {self.peer_id}"
