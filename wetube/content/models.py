"""What the gateway keeps: contents, the reasons for keeping them, and moving names."""

from django.db import models
from django.utils import timezone

from wetube.core.states import Stateful, StatefulQuerySet


class Content(models.Model):
    """Immutable bytes, a file or a whole folder, known by their CID."""

    cid = models.CharField(max_length=120, unique=True)
    size = models.BigIntegerField()
    is_listed = models.BooleanField(default=False)  # every block of it is a ContentBlock
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gte=0), name="content_size_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.cid


class ContentBlock(models.Model):
    """One block of a content that was opened, by the digest and the codec of its CID.

    Clients that verify for themselves ask for blocks one by one: each is
    answered while a content it belongs to has an open pin.
    """

    content = models.ForeignKey(Content, models.CASCADE, related_name="blocks")
    digest = models.BinaryField(max_length=64)
    codec = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest", "codec", "content"], name="one_row_a_block_and_content"
            )
        ]

    def __str__(self) -> str:
        return f"{bytes(self.digest).hex()} of {self.content_id}"


class Pin(models.Model):
    """A holder's reason to keep a content, and whether anyone may read it for that reason.

    A content stays while it has a pin and is open while it has an open one: two
    people may hold the same bytes, one of them for everybody.
    """

    content = models.ForeignKey(Content, models.CASCADE, related_name="pins")
    holder = models.CharField(max_length=60)
    is_open = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["content", "holder"], name="one_pin_a_holder")
        ]
        indexes = [models.Index(fields=["holder"], name="pin_holder")]

    def __str__(self) -> str:
        return f"{self.holder} keeps {self.content_id}"


class Name(models.Model):
    """A name whose content changes: a film that still grows while it is encoded."""

    name = models.CharField(max_length=60, unique=True)
    cid = models.CharField(max_length=120)
    is_open = models.BooleanField(default=False)
    changed = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.name} → {self.cid}"


class Delivery(models.Model):
    """Bytes the gateway delivered under one metered grant: proof that a paid view arrived."""

    key = models.CharField(max_length=40, unique=True)
    size = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.key}: {self.size}"


class Move(Stateful):
    """One pin on its way from one engine to another: due, or moved and verified there.

    bytes: what its archive weighed; why: what stood in the way the last time, if anything did
    """

    TRANSITIONS = {"due": {"moved"}, "moved": {"due"}}

    target = models.CharField(max_length=12)
    cid = models.CharField(max_length=120)
    name = models.CharField(max_length=80)
    bytes = models.BigIntegerField(default=0)
    why = models.CharField(max_length=300, blank=True)

    objects = StatefulQuerySet["Move"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["target", "cid", "name"], name="one_move_a_pin")
        ]

    def __str__(self) -> str:
        return f"{self.cid} to {self.target}: {self.state}"
