"""A person who signs in: a random key, perhaps a name, never an e-mail address."""

from typing import TYPE_CHECKING

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from wetube.core.keys import new_key

if TYPE_CHECKING:
    from wetube.people.models.credentials import KeyPairs, Phrase, SecondStep


class UserManager(BaseUserManager["User"]):
    def by_name(self, name: str) -> "User | None":
        """Names are kept in lower case, so any case finds its person."""
        return self.filter(name=name.strip().lower()).first() if name.strip() else None


class User(AbstractBaseUser):
    """A person who signs in.

    `password` holds what passwords.py writes there; Django's own hashers refuse
    it, so `check_password` never lets anybody in by another door.
    """

    # Django would keep the time of every sign-in here; a Login knows the day and forgets it.
    last_login = None

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=30, unique=True, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    joined_on = models.DateField(auto_now_add=True)

    USERNAME_FIELD = "key"

    if TYPE_CHECKING:
        keypairs: "KeyPairs"
        phrase: "Phrase"
        secondstep: "SecondStep"

    objects = UserManager()

    class Meta:
        constraints = [
            # The empty string is a value to a unique column; no name is NULL.
            models.CheckConstraint(condition=~models.Q(name=""), name="user_name_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name, or "anonymous-<key>"; no name may begin that way."""
        return self.name or f"anonymous-{self.key}"

    @property
    def has_password(self) -> bool:
        return self.has_usable_password()
