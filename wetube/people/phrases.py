"""The recovery phrase: twelve words that are a person's whole account (BIP 39).

The 128 random bits behind the words give a fingerprint, by which the person is
found, and a key that wraps the master key. The words themselves are not kept.
"""

import re

from django.utils.translation import gettext as _
from mnemonic import Mnemonic

from wetube.people.keys import MasterKey, derive
from wetube.people.models import Phrase, User

WORDS = 12
_book = Mnemonic("english")
_known = frozenset(_book.wordlist)


class BadPhrase(Exception):
    """These are not twelve words of the list with a right check sum."""


class UnknownPhrase(Exception):
    """A well-formed phrase that belongs to nobody here."""


def new() -> str:
    """Twelve fresh words, separated by single spaces."""
    return str(_book.generate(strength=128))


def clean(words: str) -> str:
    """The words as `new` writes them, whatever case, numbers or commas stand between them.

    Raises BadPhrase with a sentence that says which word is wrong.
    """
    found = re.findall(r"[a-z]+", words.lower())
    if len(found) != WORDS:
        raise BadPhrase(
            _("A recovery phrase has twelve words; these are %(count)d.") % {"count": len(found)}
        )
    if strange := next((word for word in found if word not in _known), None):
        raise BadPhrase(_("“%(word)s” is not a word of a recovery phrase.") % {"word": strange})
    phrase = " ".join(found)
    if not _book.check(phrase):
        raise BadPhrase(_("One word is wrong, or two have changed places."))
    return phrase


def keep(user: User, words: str, master: MasterKey) -> Phrase:
    """Let these words find the person and open the master key, instead of any before.

    Raises BadPhrase.
    """
    entropy = _entropy(words)
    wrapped = master.wrap(derive(entropy, "phrase/key"))
    phrase, _created = Phrase.objects.update_or_create(
        user=user,
        defaults={"fingerprint": _fingerprint(entropy), "wrapped_master": wrapped},
    )
    return phrase


def open_by(words: str) -> tuple[User, MasterKey]:
    """The person whose phrase this is, and their key. Raises BadPhrase, UnknownPhrase."""
    entropy = _entropy(words)
    phrase = (
        Phrase.objects.select_related("user")
        .filter(fingerprint=_fingerprint(entropy), user__is_active=True)
        .first()
    )
    if phrase is None:
        raise UnknownPhrase(_("Nobody here has this phrase. Check each word."))
    return phrase.user, MasterKey.unwrap(derive(entropy, "phrase/key"), phrase.wrapped_master)


def _entropy(words: str) -> bytes:
    return bytes(_book.to_entropy(clean(words)))


def _fingerprint(entropy: bytes) -> str:
    return derive(entropy, "phrase/fingerprint").hex()
