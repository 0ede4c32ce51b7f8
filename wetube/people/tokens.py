"""Secrets for programs: API tokens with scopes, and app passwords that also open keys.

A secret is "wt_" and 160 random bits, so one fast hash of it is enough to keep.
"""

import secrets
from collections.abc import Collection
from hashlib import sha256

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wetube.people.keys import MasterKey, derive
from wetube.people.models import Token, User

PREFIX = "wt_"
SCOPES = {
    "read": gettext_lazy("Read my profile, channels and videos"),
    "upload": gettext_lazy("Upload videos"),
    "videos": gettext_lazy("Edit and delete my videos"),
    "channels": gettext_lazy("Create, edit and delete my channels"),
    "nodes": gettext_lazy("See how my nodes do"),
    "pins": gettext_lazy("Keep content here by its CID, and let go of it"),
    "wallet": gettext_lazy("See my wallet and pay from it"),
}


class TokenRefused(Exception):
    """The program may not do this."""


class UnknownToken(TokenRefused):
    """There is no such token, or it was revoked."""


class ScopeMissing(TokenRefused):
    """The token is good, but not for this."""


class BadScope(ValueError):
    """There is no scope of that name, or none was chosen."""


def mint(
    user: User, *, name: str, scopes: Collection[str], master: MasterKey | None = None
) -> tuple[Token, str]:
    """A new token and its secret, which is not kept and cannot be shown again.

    With the master key it becomes an app password. Raises BadScope.
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise BadScope(_("Choose what the program may do."))
    secret = PREFIX + secrets.token_urlsafe(20)
    token = Token.objects.create(
        user=user,
        name=name,
        digest=_digest(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        wrapped_master=master.wrap(_kek(secret)) if master else None,
    )
    return token, secret


def authenticate(secret: str, *, scope: str) -> User:
    """The person this program acts for. Raises UnknownToken, ScopeMissing."""
    token = _find(secret)
    if scope not in token.scopes:
        raise ScopeMissing(_("This token does not have the scope “%(scope)s”.") % {"scope": scope})
    today = timezone.localdate()
    if token.used_on != today:
        Token.objects.filter(pk=token.pk).update(used_on=today)
    return token.user


def unlock(secret: str) -> MasterKey | None:
    """What an app password opens; None for a plain token. Raises UnknownToken."""
    token = _find(secret)
    if token.wrapped_master is None:
        return None
    return MasterKey.unwrap(_kek(secret), token.wrapped_master)


def revoke(user: User, key: str) -> bool:
    """False if this person has no such token."""
    return bool(Token.objects.filter(user=user, key=key).delete()[0])


def _find(secret: str) -> Token:
    token = Token.objects.select_related("user").filter(digest=_digest(secret)).first()
    if token is None or not token.user.is_active:
        raise UnknownToken(_("This token is not known, or it was revoked."))
    return token


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _kek(secret: str) -> bytes:
    return derive(secret.encode(), "token/key")
