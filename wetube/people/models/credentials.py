"""What opens a person's door and keys: phrase, passkeys, tokens, the second step.

Wherever a row says `wrapped_master`, it is the person's master key wrapped by
that credential (AES-KW, 40 bytes); keys.py says how.
"""

from django.conf import settings
from django.db import models

from wetube.core.keys import new_key


class KeyPairs(models.Model):
    """A person's public keys, and the private ones sealed by the master key.

    The X25519 pair receives what others seal for this person, the Ed25519 pair
    signs for this person.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    x25519_public = models.BinaryField(max_length=32)
    ed25519_public = models.BinaryField(max_length=32)
    sealed_private = models.BinaryField(max_length=200)
    master_by_password = models.BinaryField(max_length=40, null=True)

    class Meta:
        verbose_name_plural = "key pairs"

    def __str__(self) -> str:
        return f"keys of {self.user_id}"


class Phrase(models.Model):
    """The recovery phrase, known by a fingerprint that does not lead back to it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    fingerprint = models.CharField(max_length=64, unique=True)
    wrapped_master = models.BinaryField(max_length=40)

    def __str__(self) -> str:
        return f"phrase of {self.user_id}"


class Passkey(models.Model):
    """A WebAuthn credential; one with the PRF extension also opens the master key."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.PositiveBigIntegerField(default=0)
    wrapped_master = models.BinaryField(max_length=40, null=True)
    added_on = models.DateField(auto_now_add=True)
    used_on = models.DateField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """A secret a program signs in with; only its hash is kept.

    With `wrapped_master` it is an app password: it also opens what is sealed.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    wrapped_master = models.BinaryField(max_length=40, null=True)
    added_on = models.DateField(auto_now_add=True)
    used_on = models.DateField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class SecondStep(models.Model):
    """The code from an authenticator app that is asked after the password (TOTP)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE)
    sealed_secret = models.BinaryField(max_length=100)
    last_counter = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"second step of {self.user_id}"


class RecoveryCode(models.Model):
    """A word that stands in for the authenticator app once; the row goes when it is used."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes"
    )
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"
