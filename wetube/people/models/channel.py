"""Channels, the pictures they show, and who follows them."""

from django.conf import settings
from django.db import models
from django.urls import reverse

from wetube.core.keys import new_key


class Picture(models.Model):
    """A small picture, encoded by us, kept in the database.

    As a row it appears and disappears in the same transaction as the channel
    that shows it, and it goes for good when its owner leaves.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="pictures")
    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    webp = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.key

    def get_absolute_url(self) -> str:
        return reverse("people:picture", args=[self.key])


class Channel(models.Model):
    """A public page that videos are published on."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="channels")
    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    handle = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    description = models.TextField(max_length=5000, blank=True)
    # To the pictures' keys, so that a page of channels needs no join to show them.
    banner = models.OneToOneField(
        Picture, models.SET_NULL, to_field="key", null=True, blank=True, related_name="+"
    )
    avatar = models.OneToOneField(
        Picture, models.SET_NULL, to_field="key", null=True, blank=True, related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created", "pk"]

    def __str__(self) -> str:
        return f"@{self.handle}"

    def get_absolute_url(self) -> str:
        return reverse("video:channel", args=[self.handle])

    @property
    def banner_url(self) -> str:
        return reverse("people:picture", args=[self.banner_id]) if self.banner_id else ""

    @property
    def avatar_url(self) -> str:
        return reverse("people:picture", args=[self.avatar_id]) if self.avatar_id else ""


class Follow(models.Model):
    """Somebody wants to see what a channel publishes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="follows")
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="follows")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "channel"], name="follow_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.channel_id}"
