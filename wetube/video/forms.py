"""What people fill in about a film."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin import till
from wetube.cloudcoin.forms import CoinsField
from wetube.video import search
from wetube.video.models import Video

MOST_TAGS = 15
LONGEST_TAG = 30
LANGUAGES = [
    ("", _("Not said")),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("pt", "Português"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("ru", "Русский"),
    ("uk", "Українська"),
    ("tr", "Türkçe"),
    ("ar", "العربية"),
    ("fa", "فارسی"),
    ("hi", "हिन्दी"),
    ("zh", "中文"),
    ("ja", "日本語"),
    ("ko", "한국어"),
]

if TYPE_CHECKING:
    VideoForm = forms.ModelForm[Video]
else:
    VideoForm = forms.ModelForm


class TagsField(forms.CharField):
    """Words between commas, each once; a list of strings inside."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        parts = [" ".join(part.split()) for part in str(value or "").split(",")]
        return list(dict.fromkeys(part for part in parts if part))

    def validate(self, value: Any) -> None:
        if len(value) > MOST_TAGS:
            raise forms.ValidationError(_("Use at most 15 tags."))
        if any(len(tag) > LONGEST_TAG for tag in value):
            raise forms.ValidationError(_("A tag has at most 30 letters."))


class DetailsForm(VideoForm):
    """Everything about a film that its owner may change at any time."""

    tags = TagsField(
        label=_("Tags"), required=False, help_text=_("Up to 15, with commas between them.")
    )
    price = CoinsField(
        label=_("Price of a viewing"),
        required=False,
        most=till.MAX_DROPS,
        help_text=_("In CLD. Leave it at 0 to show the video for free."),
    )
    language = forms.ChoiceField(label=_("Spoken language"), choices=LANGUAGES, required=False)
    new_password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=100,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Only for videos behind a password. Empty keeps the one it has."),
    )

    class Meta:
        model = Video
        fields: ClassVar = [
            "title",
            "description",
            "visibility",
            "price",
            "tags",
            "category",
            "language",
            "licence",
            "is_sensitive",
        ]
        widgets: ClassVar = {"description": forms.Textarea(attrs={"rows": 6})}
        help_texts: ClassVar = {
            "description": _("Lines that begin with a time, like 1:30 The storm, become chapters.")
        }

    def clean_price(self) -> int:
        return int(self.cleaned_data["price"] or 0)

    def changes(self) -> dict[str, object]:
        """The columns to save; the password goes its own way."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class StartUploadForm(forms.Form):
    """A file announced before its first byte."""

    name = forms.CharField(max_length=1000, strip=False)
    size = forms.IntegerField(min_value=1)
    channel = forms.CharField(max_length=30, required=False)
    title = forms.CharField(max_length=120, required=False)


class CaptionForm(forms.Form):
    """Captions in one language."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES[1:])
    file = forms.FileField(
        label=_("File"),
        help_text=_("WebVTT or SRT, at most 2 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".vtt,.srt,text/vtt"}),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > 2 * 1024**2:
            raise forms.ValidationError(_("Captions have at most 2 MB."))
        return bytes(file.read())

    def label(self) -> str:
        return str(dict(LANGUAGES)[self.cleaned_data["language"]])


class PosterForm(forms.Form):
    """A picture of one's own, or a time in the film."""

    seconds = forms.FloatField(label=_("Time in the video"), required=False, min_value=0)
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG or WebP, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def clean_picture(self) -> bytes | None:
        file = self.cleaned_data["picture"]
        if file is None:
            return None
        if file.size > 10 * 1024**2:
            raise forms.ValidationError(_("A picture has at most 10 MB."))
        return bytes(file.read())


class PasswordForm(forms.Form):
    """The door of a film behind a password."""

    password = forms.CharField(
        label=_("Password"),
        max_length=100,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class SearchForm(forms.Form):
    """What to look for and how to narrow it down; all of it optional."""

    q = forms.CharField(label=_("Search"), max_length=200, required=False)
    length = forms.ChoiceField(
        label=_("Length"),
        required=False,
        choices=[
            ("", _("Any length")),
            ("short", _("Under 4 minutes")),
            ("middle", _("4 to 20 minutes")),
            ("long", _("Over 20 minutes")),
        ],
    )
    within = forms.ChoiceField(
        label=_("Published"),
        required=False,
        choices=[
            ("", _("Any time")),
            ("day", _("Today")),
            ("week", _("This week")),
            ("month", _("This month")),
            ("year", _("This year")),
        ],
    )
    price = forms.ChoiceField(
        label=_("Price"),
        required=False,
        choices=[("", _("Any price")), ("free", _("Free")), ("paid", _("Paid"))],
    )
    category = forms.ChoiceField(
        label=_("Category"),
        required=False,
        choices=[("", _("Any category")), *Video.Category.choices[1:]],
    )
    sort = forms.ChoiceField(label=_("Sort by"), required=False, choices=search.Sort.choices)

    def filters(self) -> search.Filters:
        data = self.cleaned_data
        return search.Filters(
            length=data["length"],
            within=data["within"],
            price=data["price"],
            category=data["category"],
        )


def upload_limits() -> dict[str, int]:
    """What the upload page says about sizes, in bytes."""
    return {"most": settings.MAX_UPLOAD_BYTES, "form_most": settings.MAX_FORM_UPLOAD_BYTES}
