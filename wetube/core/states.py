"""States that survive crashed and doubled workers.

A stateful row moves along declared transitions. Each move is one UPDATE that
names the state it leaves, so when workers race exactly one of them wins. A
claim keeps a row to one worker for a while; it is renewed while the work goes
on and expires when that worker dies.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import ClassVar, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone


class TransitionRefused(Exception):
    """The move is not declared, or the row has already moved on."""


Row = TypeVar("Row", bound="Stateful")


class StatefulQuerySet(models.QuerySet[Row]):
    def unclaimed(self) -> "StatefulQuerySet[Row]":
        return self.filter(Q(claimed_until=None) | Q(claimed_until__lte=timezone.now()))

    def claim(self, pk: int, *, until: datetime) -> Row | None:
        """Reserve the row for this worker; None if another has it."""
        if not self.unclaimed().filter(pk=pk).update(claimed_until=until):
            return None
        return self.get(pk=pk)


class Stateful(models.Model):
    """A row with a state, guarded against two hands at once."""

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]]

    state = models.CharField(max_length=12)
    state_since = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def move_to(self, state: str, **changes: object) -> None:
        """Leave the state this object remembers, with other columns in the same UPDATE.

        Raises TransitionRefused when the move is not declared or another hand was first.
        """
        if state not in self.TRANSITIONS[self.state]:
            raise TransitionRefused(f"{self!r} may not go from {self.state} to {state}")
        still_there = type(self)._default_manager.filter(pk=self.pk, state=self.state)
        changes |= {"state": state, "state_since": timezone.now(), "claimed_until": None}
        if not still_there.update(**changes):
            raise TransitionRefused(f"{self!r} has already left {self.state}")
        self.refresh_from_db()

    def renew(self, *, until: datetime) -> bool:
        """Keep the claim for longer; False if the row was taken by another hand meanwhile."""
        mine = type(self)._default_manager.filter(
            pk=self.pk, state=self.state, claimed_until=self.claimed_until
        )
        if not mine.update(claimed_until=until):
            return False
        self.claimed_until = until
        return True

    def release(self) -> None:
        """Let another worker have the row; nothing happens if the claim was lost already."""
        mine = type(self)._default_manager.filter(pk=self.pk, claimed_until=self.claimed_until)
        mine.update(claimed_until=None)
        self.claimed_until = None
