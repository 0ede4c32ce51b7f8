"""The second step after the password: a six-digit code of an authenticator app.

TOTP as in RFC 6238 with what every app understands: SHA-1, 30 seconds, six
digits; one step early or late is accepted, none twice. The secret is sealed by
the master key, which the password has just opened when the code is asked. The
phrase and passkeys need no second step: neither can be guessed or phished.
"""

import hmac
import re
import secrets
import time
from base64 import b32encode
from hashlib import sha256
from urllib.parse import quote

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from wetube.people.keys import MasterKey
from wetube.people.models import RecoveryCode, SecondStep, User

PERIOD = 30  # seconds
DIGITS = 6
PURPOSE = "second step"
RECOVERY_CODES = 10


class WrongCode(Exception):
    """Not the code of now, or one that was used before."""


def new_secret() -> bytes:
    return secrets.token_bytes(20)


def address(user: User, secret: bytes) -> str:
    """The otpauth:// address an authenticator app reads."""
    issuer = quote(settings.SITE_NAME)
    label = quote(f"{settings.SITE_NAME}:{user.display_name}")
    return f"otpauth://totp/{label}?secret={spelled(secret)}&issuer={issuer}"


def picture(otpauth: str) -> str:
    """The address as a QR code: a data: URL of an SVG."""
    code = segno.make(otpauth, error="m")
    return code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff")


def spelled(secret: bytes) -> str:
    """As people type it when they cannot scan."""
    return b32encode(secret).decode()


@transaction.atomic
def switch_on(user: User, master: MasterKey, secret: bytes, code: str) -> list[str]:
    """Ask for codes from now on; the recovery codes, shown once. Raises WrongCode."""
    counter = _counter_of(secret, code)
    if counter is None:
        raise _wrong()
    SecondStep.objects.update_or_create(
        user=user,
        defaults={
            "sealed_secret": master.seal(secret, purpose=PURPOSE),
            "last_counter": counter,
        },
    )
    user.recovery_codes.all().delete()
    codes = [f"{secrets.token_hex(4)}-{secrets.token_hex(4)}" for _i in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user, code)) for code in codes
    )
    return codes


@transaction.atomic
def switch_off(user: User) -> None:
    SecondStep.objects.filter(user=user).delete()
    user.recovery_codes.all().delete()


def is_on(user: User) -> bool:
    return SecondStep.objects.filter(user=user).exists()


def check(user: User, master: MasterKey, code: str) -> None:
    """Take a code of the app or a recovery code, each once. Raises WrongCode, WrongKey."""
    spent = RecoveryCode.objects.filter(user=user, digest=_digest(user, code))
    if spent.delete()[0]:
        return
    step = SecondStep.objects.get(user=user)
    counter = _counter_of(master.open(step.sealed_secret, purpose=PURPOSE), code)
    if counter is None:
        raise _wrong()
    # The row moves forward in one statement: of two with the same code one is refused.
    fresh = SecondStep.objects.filter(pk=step.pk, last_counter__lt=counter)
    if not fresh.update(last_counter=counter):
        raise _wrong()


def _counter_of(secret: bytes, code: str) -> int | None:
    """The 30-second step a code belongs to; None if it is none of the last, this or the next."""
    digits = re.sub(r"\s", "", code)
    totp = TOTP(secret, DIGITS, SHA1(), PERIOD)  # noqa: S303 - the apps know no other hash
    now = int(time.time()) // PERIOD
    for counter in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.generate(counter * PERIOD), digits.encode()):
            return counter
    return None


def _digest(user: User, code: str) -> str:
    plain = re.sub(r"[^0-9a-f]", "", code.lower())
    return sha256(f"{user.key}:{plain}".encode()).hexdigest()


def _wrong() -> WrongCode:
    return WrongCode(_("This code is wrong or was used before. Wait for the next one."))
