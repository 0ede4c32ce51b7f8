"""Signing up: a person, their keys, their phrase and a first channel, all or nothing."""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from wetube.people import channels, keys, names, phrases
from wetube.people.models import User


class PhraseUsed(Exception):
    """These words are somebody's account already, most likely by a double click."""


class NameTaken(names.NameRefused):
    """Somebody else has this name."""


def check_name(name: str) -> str:
    """The name as it would be kept, "" for none. Raises NameRefused, NameTaken."""
    if not name.strip():
        return ""
    cleaned = names.clean(name)
    if User.objects.filter(name=cleaned).exists():
        raise _taken()
    return cleaned


def join(*, name: str, words: str) -> tuple[User, keys.MasterKey]:
    """Make the person whose phrase is `words`.

    Raises NameRefused, NameTaken, BadPhrase, PhraseUsed.
    """
    user = User(name=check_name(name) or None)
    user.set_unusable_password()
    master = keys.MasterKey.new()
    with transaction.atomic():
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError as error:
            raise _taken() from error
        keys.new_pairs(user, master).save()
        try:
            with transaction.atomic():
                phrases.keep(user, words, master)
        except IntegrityError as error:
            raise PhraseUsed(_("An account with this phrase was just made.")) from error
        channels.create_first(user)
    return user, master


def rename(user: User, name: str) -> None:
    """Another name, or none. Raises NameRefused, NameTaken."""
    if name.strip().lower() == (user.name or ""):
        return
    new = check_name(name) or None
    try:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(name=new)
    except IntegrityError as error:
        raise _taken() from error
    user.name = new


def _taken() -> NameTaken:
    return NameTaken(_("This name is taken."))
