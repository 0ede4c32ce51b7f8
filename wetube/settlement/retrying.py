"""Trying again what the chain refused: under a new name each time, and ever more rarely."""

from datetime import timedelta

from django.utils import timezone

from wetube.chain.models import ChainTx

LONGEST = timedelta(hours=4)


def name(what: str, tries: int) -> str:
    """The intent of this try in the outbox."""
    return f"{what}:{tries}"


def is_time(what: str, tries: int) -> bool:
    """Whether `what`, tried so often, is to be tried (again) now: not while a try is on its way,
    never after one that worked, and after one that failed with a pause that doubles."""
    last = ChainTx.objects.filter(intent=name(what, tries)).first()
    if last is None:
        return True
    if last.state not in (ChainTx.State.FAILED, ChainTx.State.REPLACED):
        return False
    pause = min(timedelta(minutes=2 ** min(tries, 10)), LONGEST)
    return last.state_since < timezone.now() - pause
