"""The rows of a film: itself, its pieces of work, its renditions, captions and counted views."""

from collections.abc import Collection, Mapping
from typing import ClassVar, Self

from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wetube.content import grants
from wetube.core.keys import new_key
from wetube.core.states import Stateful, StatefulQuerySet
from wetube.nodes.models import Job
from wetube.people.models import Channel, User

POSTER_SECONDS = 24 * 60 * 60


class VideoQuerySet(StatefulQuerySet["Video"]):
    def published(self) -> Self:
        return self.filter(state=Video.State.PUBLISHED)

    def listed(self) -> Self:
        """What home, search and channel pages may show to everybody."""
        return self.published().filter(visibility=Video.Visibility.PUBLIC)

    def listed_for(self, user: User | AnonymousUser) -> Self:
        """Listed, and for those signed in the internal ones too."""
        shown = Q(visibility=Video.Visibility.PUBLIC)
        if user.is_authenticated:
            shown |= Q(visibility=Video.Visibility.INTERNAL)
        return self.published().filter(shown)

    def reachable_by(self, user: User | AnonymousUser) -> Self:
        """What a person with the address may open; one's own in any state."""
        hidden = Q(visibility=Video.Visibility.PRIVATE)
        if not user.is_authenticated:
            hidden |= Q(visibility=Video.Visibility.INTERNAL)
            return self.exclude(state=Video.State.UPLOADING).exclude(hidden)
        others = ~Q(state=Video.State.UPLOADING) & ~hidden
        return self.filter(others | Q(channel__owner=user))

    def owned_by(self, user: User) -> Self:
        return self.filter(channel__owner=user)


class Video(Stateful):
    """One film on a channel, from its first uploaded byte until it is taken down."""

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        UPLOADED = "uploaded", _("Waiting")
        PLANNED = "planned", _("Encoding")
        ENCODED = "encoded", _("Packaging")
        PACKAGED = "packaged", _("Storing")
        STORED = "stored", _("Publishing")
        PUBLISHED = "published", _("Published")
        FAILED = "failed", _("Failed")

    class Visibility(models.TextChoices):
        PUBLIC = "public", _("Public: everyone can find it")
        UNLISTED = "unlisted", _("Unlisted: everyone with the link")
        INTERNAL = "internal", _("Internal: everyone signed in here")
        PASSWORD = "password", _("Password: everyone who knows it")
        PRIVATE = "private", _("Private: only you")

    class Licence(models.TextChoices):
        ALL_RIGHTS = "", _("All rights reserved")
        CC_BY = "CC-BY-4.0", _("Creative Commons: credit")
        CC_BY_SA = "CC-BY-SA-4.0", _("Creative Commons: credit, share alike")
        CC_BY_NC = "CC-BY-NC-4.0", _("Creative Commons: credit, not for money")
        CC0 = "CC0-1.0", _("Public domain")

    class Category(models.TextChoices):
        NONE = "", _("None")
        FILM = "film", _("Film and animation")
        MUSIC = "music", _("Music")
        LEARNING = "learning", _("Learning")
        SCIENCE = "science", _("Science and technology")
        NEWS = "news", _("News and politics")
        GAMES = "games", _("Games")
        SPORT = "sport", _("Sport")
        TRAVEL = "travel", _("Travel and nature")
        HOWTO = "howto", _("How-to and style")
        PEOPLE = "people", _("People and comedy")

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.UPLOADING: {State.UPLOADED, State.FAILED},
        State.UPLOADED: {State.PLANNED, State.FAILED},
        State.PLANNED: {State.ENCODED, State.FAILED},
        State.ENCODED: {State.PACKAGED, State.FAILED},
        State.PACKAGED: {State.STORED, State.FAILED},
        State.STORED: {State.PUBLISHED, State.FAILED},
        State.PUBLISHED: set(),
        State.FAILED: {State.UPLOADED},
    }

    key = models.CharField(max_length=11, unique=True, default=new_key, editable=False)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADING)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="videos")
    created = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    title = models.CharField(_("Title"), max_length=120)
    description = models.TextField(_("Description"), max_length=5000, blank=True)
    tags = models.JSONField(_("Tags"), default=list, blank=True)
    category = models.CharField(_("Category"), max_length=12, choices=Category, blank=True)
    licence = models.CharField(_("Licence"), max_length=16, choices=Licence, blank=True)
    language = models.CharField(_("Spoken language"), max_length=12, blank=True)
    is_sensitive = models.BooleanField(_("Not for everyone's eyes"), default=False)
    visibility = models.CharField(
        _("Who may watch"), max_length=8, choices=Visibility, default=Visibility.PUBLIC
    )
    password = models.CharField(max_length=128, blank=True)
    price = models.BigIntegerField(default=0, validators=[MinValueValidator(0)])

    source_name = models.CharField(max_length=255, blank=True)
    source_size = models.BigIntegerField(default=0)
    plan = models.JSONField(null=True, blank=True)
    files = models.JSONField(default=dict, blank=True)
    cid = models.CharField(max_length=120, blank=True)
    poster_cid = models.CharField(max_length=120, blank=True)
    has_preview = models.BooleanField(default=False)
    size = models.BigIntegerField(default=0)
    duration = models.FloatField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)
    warning = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    views = models.PositiveBigIntegerField(default=0)

    objects = models.Manager.from_queryset(VideoQuerySet)()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="video_price_not_negative")
        ]
        indexes = [
            models.Index(fields=["state", "visibility", "-published_at"], name="video_newest"),
            models.Index(fields=["state", "visibility", "-views"], name="video_most_seen"),
            models.Index(fields=["channel", "-created"], name="video_of_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("video:watch", args=[self.key])

    @property
    def holder(self) -> str:
        """The name under which the network keeps this film's content."""
        return f"video:{self.key}"

    @property
    def preview_name(self) -> str:
        """The moving name that stands for what is playable before the film is done."""
        return f"preview:{self.key}"

    @property
    def poster_holder(self) -> str:
        """The poster is kept apart: it may be seen by those who have not paid yet."""
        return f"poster:{self.key}"

    @property
    def source_holder(self) -> str:
        """Who keeps the source while nodes of the network may ask for it."""
        return f"source:{self.key}"

    @property
    def poster_url(self) -> str:
        """Where the poster is; "" while there is none."""
        if not self.poster_cid:
            return ""
        if self.visibility == self.Visibility.PUBLIC:
            return f"{grants.openly(self.poster_cid)}/poster.jpg"
        prefix, _expires = grants.to_read(self.poster_cid, seconds=POSTER_SECONDS)
        return f"{prefix}/poster.jpg"

    @property
    def is_open(self) -> bool:
        """Whether the gateway serves it to anyone: public, and not for sale."""
        return self.visibility == self.Visibility.PUBLIC and not self.price

    @property
    def is_working(self) -> bool:
        return self.state not in {self.State.UPLOADING, self.State.PUBLISHED, self.State.FAILED}

    def opens_with(self, password: str) -> bool:
        return bool(self.password) and check_password(password, self.password)


class Piece(Stateful):
    """Some minutes of a film that one worker encodes at every rung.

    While `job` is live, the piece is on offer to nodes of the network or with one of them.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        ENCODED = "encoded"

    TRANSITIONS: ClassVar[Mapping[str, Collection[str]]] = {
        State.WAITING: {State.ENCODED},
        State.ENCODED: set(),
    }

    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    video = models.ForeignKey(Video, models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField()
    turn = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0)
    fraction = models.FloatField(default=0)
    speed = models.FloatField(default=0)
    attempts = models.PositiveIntegerField(default=0)
    job = models.ForeignKey(
        Job, models.SET_NULL, null=True, blank=True, related_name="pieces", db_index=True
    )

    objects = models.Manager.from_queryset(StatefulQuerySet["Piece"])()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "number"], name="one_piece_a_place")
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.video_id} piece {self.number}"


class Rendition(models.Model):
    """A film encoded at one rung."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=20)
    codecs = models.CharField(max_length=40, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    bandwidth = models.PositiveBigIntegerField(default=0)
    size = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "name"], name="one_rendition_a_rung")
        ]
        ordering = ["-bandwidth"]

    def __str__(self) -> str:
        return f"{self.video_id} {self.name}"


class Caption(models.Model):
    """What is said in a film, in one language, as WebVTT."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="captions")
    language = models.CharField(max_length=12)
    label = models.CharField(max_length=60)
    cid = models.CharField(max_length=120)
    size = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["video", "language"], name="one_caption_a_tongue")
        ]
        ordering = ["label"]

    def __str__(self) -> str:
        return f"{self.video_id} {self.language}"


class ViewDay(models.Model):
    """How often a film was watched on one day."""

    video = models.ForeignKey(Video, models.CASCADE, related_name="view_days")
    day = models.DateField()
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["video", "day"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.video_id} {self.day}: {self.count}"


class SpentViewing(models.Model):
    """A viewing that was counted; its random number says nothing of who watched."""

    nonce = models.CharField(max_length=32, unique=True)
    spent = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.nonce
