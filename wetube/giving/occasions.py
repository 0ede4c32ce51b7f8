"""What a tip was given on. Other apps say how to find theirs, in their `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass

from wetube.people.models import User


@dataclass(frozen=True)
class Occasion:
    """Something of a channel that people give for: its name in the books, its title and page."""

    subject: str
    title: str
    url: str


Finder = Callable[[User, str], Occasion | None]
_finders: dict[str, Finder] = {}


def know(kind: str, finder: Finder) -> None:
    """Subjects named `<kind>:<key>` are found by `finder(user, key)`, if that user may see them."""
    _finders[kind] = finder


def find(user: User, subject: str) -> Occasion | None:
    """The occasion; None for what nobody knows, or not for this person's eyes."""
    kind, _, key = subject.partition(":")
    finder = _finders.get(kind)
    return finder(user, key) if finder else None
