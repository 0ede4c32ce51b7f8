"""Passkeys (WebAuthn): adding one, and signing in with one without a name.

An authenticator with the PRF extension also gives a secret of its own, which
wraps the master key; without it the passkey opens the door but not the keys.
The relying party is the host name of SITE_URL: a site that is reached under a
second name needs passkeys of its own there.
"""

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from wetube.people.keys import MasterKey, WrongKey, derive
from wetube.people.models import Passkey, User

MOST = 20  # passkeys of one person
# What an authenticator mixes with its own secret; the same for all, as it is no secret.
PRF_INPUT = bytes_to_base64url(sha256(b"wetube/1/passkey/prf").digest())
REQUIRED = UserVerificationRequirement.REQUIRED


class PasskeyRefused(Exception):
    """The browser's answer does not prove what it should."""


def new_challenge() -> str:
    """Goes into the session and is taken out of it with the first answer."""
    return bytes_to_base64url(secrets.token_bytes(32))


def options_to_add(user: User, challenge: str) -> dict[str, Any]:
    """What navigator.credentials.create() is asked with. Raises PasskeyRefused at MOST."""
    known = [bytes(row) for row in user.passkeys.values_list("credential_id", flat=True)]
    if len(known) >= MOST:
        raise PasskeyRefused(_("Remove a passkey first: you have twenty."))
    options = generate_registration_options(
        rp_id=_host(),
        rp_name=settings.SITE_NAME,
        user_name=user.display_name,
        user_id=user.key.encode(),
        challenge=base64url_to_bytes(challenge),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=row) for row in known],
    )
    return _with_prf(options_to_json(options))


def add(
    user: User,
    *,
    name: str,
    challenge: str,
    answer: Mapping[str, Any],
    master: MasterKey | None = None,
) -> Passkey:
    """Keep the new passkey; with the master key and PRF it opens the keys too.

    `answer` is the credential as JSON, with the PRF output in `prf` where there
    is one. Raises PasskeyRefused.
    """
    try:
        made = verify_registration_response(
            credential=dict(answer),
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=settings.SITE_URL,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise _refused() from error
    kek = _kek(answer)
    passkey = Passkey(
        user=user,
        name=name.strip()[:60] or _("Passkey"),
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        wrapped_master=master.wrap(kek) if master and kek else None,
    )
    try:
        with transaction.atomic():
            passkey.save()
    except IntegrityError as error:
        raise PasskeyRefused(_("This passkey was added before.")) from error
    return passkey


def options_to_sign_in(challenge: str) -> dict[str, Any]:
    """What navigator.credentials.get() is asked with; the authenticator knows who it is."""
    options = generate_authentication_options(
        rp_id=_host(),
        challenge=base64url_to_bytes(challenge),
        user_verification=REQUIRED,
    )
    return _with_prf(options_to_json(options))


def open_by(*, challenge: str, answer: Mapping[str, Any]) -> tuple[User, MasterKey | None]:
    """Whose passkey this is, and their key if it opens it. Raises PasskeyRefused."""
    passkey = _find(answer)
    try:
        shown = verify_authentication_response(
            credential={name: value for name, value in answer.items() if name != "prf"},
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=settings.SITE_URL,
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise _refused() from error
    Passkey.objects.filter(pk=passkey.pk).update(
        sign_count=shown.new_sign_count, used_on=timezone.localdate()
    )
    return passkey.user, _master(passkey, answer)


def remove(user: User, key: str) -> bool:
    """False if this person has no such passkey."""
    return bool(Passkey.objects.filter(user=user, key=key).delete()[0])


def _find(answer: Mapping[str, Any]) -> Passkey:
    try:
        credential_id = base64url_to_bytes(answer["rawId"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise _refused() from error
    passkey = (
        Passkey.objects.select_related("user")
        .filter(credential_id=credential_id, user__is_active=True)
        .first()
    )
    if passkey is None:
        raise PasskeyRefused(_("This passkey is not known here, or it was removed."))
    return passkey


def _master(passkey: Passkey, answer: Mapping[str, Any]) -> MasterKey | None:
    kek = _kek(answer)
    if passkey.wrapped_master is None or kek is None:
        return None
    try:
        return MasterKey.unwrap(kek, passkey.wrapped_master)
    except WrongKey:  # the browser sent another secret: the door is open, the keys stay shut
        return None


def _kek(answer: Mapping[str, Any]) -> bytes | None:
    """From the authenticator's own secret, 32 bytes for our PRF_INPUT; None without it."""
    try:
        secret = base64url_to_bytes(answer["prf"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None
    return derive(secret, "passkey/key") if len(secret) == 32 else None


def _with_prf(options: str) -> dict[str, Any]:
    asked: dict[str, Any] = json.loads(options)
    asked["extensions"] = {"prf": {"eval": {"first": PRF_INPUT}}}
    return asked


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def _refused() -> PasskeyRefused:
    return PasskeyRefused(_("The passkey was not accepted. Try again, or sign in another way."))
