"""Proof of work: a little of a machine's memory and time, instead of an e-mail address.

A challenge is "<id>.<bits>.<expires>.<mac>"; the page looks for a number whose
Argon2id hash (version 1.3, 8 MiB, one pass, one lane, 32 bytes; password: the
number in ASCII, salt: the id in ASCII) begins with that many zero bits, and
sends the challenge with ".<number>" behind it. The MAC binds it to what it is
for and to who holds it. Each is accepted once: the row that notes it decides.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from argon2.low_level import Type, hash_secret_raw
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from wetube.people.models import SpentProof

# 64 tries on average: one to three seconds of a phone, about one of a desktop.
BITS, MOST_BITS = 6, 10
MEMORY = 8 * 1024  # KiB
LIFE = timedelta(minutes=30)
CROWD, CROWD_WINDOW = 30, timedelta(minutes=10)
SHAPE = re.compile(
    r"(?P<id>[\w-]{22})\.(?P<bits>\d{1,2})\.(?P<expires>\d{1,12})"
    r"\.(?P<mac>[0-9a-f]{64})\.(?P<number>\d{1,15})",
    re.ASCII,
)


class ProofRefused(Exception):
    """The work does not count; nothing was noted."""


class ProofForged(ProofRefused):
    """Not a challenge of ours, or one for something or somebody else."""


class ProofExpired(ProofRefused):
    """The page was open for too long."""


class ProofWrong(ProofRefused):
    """The number does not solve the challenge."""


class ProofSpent(ProofRefused):
    """This proof was accepted before."""


def bits_now() -> int:
    """How hard a challenge is: one bit more each time the crowd of the last minutes doubles."""
    lately = timezone.now() + LIFE - CROWD_WINDOW
    crowd = SpentProof.objects.filter(expires__gt=lately).count()
    return min(BITS + (crowd // CROWD).bit_length(), MOST_BITS)


def challenge(*, purpose: str, holder: str, bits: int) -> str:
    """A new challenge, solved with about 2**bits tries."""
    key = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    body = f"{key}.{bits}.{int((timezone.now() + LIFE).timestamp())}"
    return f"{body}.{_mac(body, purpose, holder)}"


def accept(proof: str, *, purpose: str, holder: str) -> None:
    """Take the proof, once. What is cheap to check is checked first.

    Raises ProofForged, ProofExpired, ProofWrong, ProofSpent.
    """
    found = SHAPE.fullmatch(proof)
    if not found:
        raise ProofForged(_("The proof of work is not readable. Load the page again."))
    body = f"{found['id']}.{found['bits']}.{found['expires']}"
    if not hmac.compare_digest(found["mac"], _mac(body, purpose, holder)):
        raise ProofForged(_("The proof of work is not for this page. Load the page again."))
    expires = datetime.fromtimestamp(int(found["expires"]), tz=UTC)
    if expires < timezone.now():
        raise ProofExpired(_("The page was open for too long. Load it again."))
    if SpentProof.objects.filter(challenge=found["id"]).exists():
        raise _spent()
    if leading_zeros(work(found["id"], found["number"])) < int(found["bits"]):
        raise ProofWrong(_("The proof of work is wrong. Load the page again."))
    _spend(found["id"], expires)


def work(key: str, number: str) -> bytes:
    """The hash whose leading zero bits count; about 7 ms."""
    return hash_secret_raw(number.encode(), key.encode(), 1, MEMORY, 1, 32, Type.ID)


def leading_zeros(digest: bytes) -> int:
    return len(digest) * 8 - int.from_bytes(digest).bit_length()


def _spend(key: str, expires: datetime) -> None:
    try:
        with transaction.atomic():
            SpentProof.objects.create(challenge=key, expires=expires)
    except IntegrityError as error:
        raise _spent() from error


def _spent() -> ProofSpent:
    return ProofSpent(_("This proof of work was used before. Load the page again."))


def _mac(body: str, purpose: str, holder: str) -> str:
    bound = f"{body}|{purpose}|{holder}"
    return salted_hmac("wetube.people.proofs", bound, algorithm="sha256").hexdigest()
