"""The little that stays of a visit, and for how long."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from wetube.core.keys import new_key
from wetube.people import devices


class Login(models.Model):
    """A browser that is signed in: a coarse name and two days, no address, no full agent."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="logins")
    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=40)
    first_day = models.DateField(default=timezone.localdate)
    last_day = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["-last_day", "-pk"]

    def __str__(self) -> str:
        return self.device

    @property
    def device_said(self) -> str:
        """The device in the reader's language."""
        return devices.said(self.device)


class SpentProof(models.Model):
    """A proof of work that was accepted, kept until its challenge has expired anyway."""

    challenge = models.CharField(max_length=22, unique=True)
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.challenge
