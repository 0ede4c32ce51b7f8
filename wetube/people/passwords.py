"""The optional password: it lets its person in and opens their master key.

One run of Argon2id (RFC 9106: 64 MiB, three passes, one lane) gives 32 bytes;
HKDF makes of them a verifier, which is kept, and a key that wraps the master
key, which is not. Two runs would cost people twice the time and an attacker,
who needs only the cheaper one, nothing more.
"""

import hmac
import secrets
import threading
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error as BadBase64

from argon2.low_level import Type, hash_secret_raw
from django.db import transaction
from django.utils.translation import gettext as _

from wetube.people.keys import MasterKey, derive
from wetube.people.models import KeyPairs, User

ALGORITHM = "wetube-argon2id"
MEMORY, PASSES = 64 * 1024, 3  # KiB, and rounds over them
LONGEST = 1000  # characters

# Each run holds 64 MiB; a crowd at the door must not hold them all at once.
_at_once = threading.BoundedSemaphore(2)


class WrongPassword(Exception):
    """The name and the password do not belong together, or nobody has that name."""


def set_for(user: User, master: MasterKey, password: str) -> None:
    """Let this password, and no earlier one, open the door and the master key."""
    salt = secrets.token_bytes(16)
    verifier, kek = _stretch(password, salt)
    with transaction.atomic():
        user.password = "$".join([ALGORITHM, _text(salt), _text(verifier)])
        user.save(update_fields=["password"])
        KeyPairs.objects.filter(user=user).update(master_by_password=master.wrap(kek))


@transaction.atomic
def remove(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
    KeyPairs.objects.filter(user=user).update(master_by_password=None)


def open_by(name: str, password: str) -> tuple[User, MasterKey]:
    """The person of that name and their key. Raises WrongPassword.

    An unknown name takes as long as a wrong password and gets the same answer.
    """
    user = User.objects.by_name(name)
    if user is None or not user.is_active or not user.has_password:
        _stretch(password, bytes(16))
        raise _wrong()
    return user, open_for(user, password)


def open_for(user: User, password: str) -> MasterKey:
    """The master key of a person whose name is known. Raises WrongPassword."""
    salt, kept = _parts(user.password)
    verifier, kek = _stretch(password, salt)
    if not hmac.compare_digest(verifier, kept):
        raise _wrong()
    return MasterKey.unwrap(kek, bytes(user.keypairs.master_by_password or b""))


def _stretch(password: str, salt: bytes) -> tuple[bytes, bytes]:
    """Verifier and wrapping key, about 0.2 s; letters count as the same however composed."""
    plain = unicodedata.normalize("NFKC", password[:LONGEST]).encode()
    with _at_once:
        stretched = hash_secret_raw(plain, salt, PASSES, MEMORY, 1, 32, Type.ID)
    return derive(stretched, "password/verifier"), derive(stretched, "password/key")


def _parts(kept: str) -> tuple[bytes, bytes]:
    try:
        algorithm, salt, verifier = kept.split("$")
        if algorithm == ALGORITHM:
            return b64decode(salt), b64decode(verifier)
    except (ValueError, BadBase64):
        pass
    raise _wrong()


def _text(octets: bytes) -> str:
    return b64encode(octets).decode()


def _wrong() -> WrongPassword:
    return WrongPassword(_("Name or password is wrong."))
