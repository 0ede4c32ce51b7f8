"""Leaving for good: everything of the person goes, in one transaction.

What hangs on a person by a foreign key goes by CASCADE. What does not, bytes
that must be let go or money that must be settled, is another app's business,
and people may not know those apps; so they say what they need in their
`AppConfig.ready`, as they open rooms in core.live. Signals would do the same
without telling anybody in which order or where.
"""

from collections.abc import Callable

from django.contrib.sessions.models import Session
from django.db import transaction

from wetube.people import channels
from wetube.people.models import User

Step = Callable[[User], None]
_steps: list[Step] = []


class CannotLeave(Exception):
    """A step refuses for a reason its message tells; nothing was removed."""


def before_leaving(step: Step) -> None:
    """Have `step` called with each person who leaves, inside the transaction; once is enough."""
    if step not in _steps:
        _steps.append(step)


@transaction.atomic
def leave(user: User) -> None:
    """Remove the person, their channels, keys, tokens and sessions. Raises CannotLeave."""
    for step in _steps:
        step(user)
    for channel in user.channels.all():
        channels.delete(channel)
    Session.objects.filter(session_key__in=user.logins.values("session_key")).delete()
    user.delete()
