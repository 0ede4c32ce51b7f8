"""What people fill in; the verbs decide whether it can be had."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wetube.people import channels, passwords, tokens
from wetube.people.models import Channel, User

PICTURES = "image/jpeg,image/png,image/webp,image/gif"
NAME_RULE = gettext_lazy("3 to 30 letters from a to z, digits, “-” or “_”.")


def _secret(label: Any, autocomplete: str, **more: Any) -> forms.CharField:
    """A field whose letters are not shown and not trimmed."""
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(
        label=label, widget=widget, strip=False, max_length=passwords.LONGEST, **more
    )


def _phrase() -> forms.CharField:
    attrs = {"rows": 3, "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
    return forms.CharField(
        label=gettext_lazy("Recovery phrase"),
        widget=forms.Textarea(attrs=attrs),
        max_length=400,
        help_text=gettext_lazy("The twelve words you wrote down, in their order."),
    )


class JoinForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=30,
        help_text=gettext_lazy(
            "Others see it. Leave it empty to stay nameless; you can choose one later. "
            "Use 3 to 30 letters from a to z, digits, “-” or “_”."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class CheckForm(forms.Form):
    """Two words of the phrase, to be sure it was written down."""

    def __init__(
        self, *args: Any, words: Sequence[str], asked: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.right = {f"word_{index + 1}": words[index] for index in asked}
        for index in asked:
            self.fields[f"word_{index + 1}"] = forms.CharField(
                label=_("Word %(number)d") % {"number": index + 1},
                max_length=20,
                widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field, word in self.right.items():
            if field in cleaned and cleaned[field].strip().lower() != word:
                self.add_error(field, _("This is another word. Look at what you wrote down."))
        return cleaned


class PasswordLogInForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username webauthn",
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    password = _secret(gettext_lazy("Password"), "current-password")


class PhraseLogInForm(forms.Form):
    phrase = _phrase()


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class ConfirmForm(forms.Form):
    """Who are you, once more: the password or the phrase."""

    password = _secret(gettext_lazy("Password"), "current-password", required=False)
    phrase = _phrase()

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phrase"].required = not has_password
        if not has_password:
            del self.fields["password"]
        self.has_password = has_password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        shown = cleaned.get("password") or cleaned.get("phrase")
        if self.has_password and not shown:
            raise ValidationError(_("Type your password or your recovery phrase."))
        return cleaned


class NewPasswordForm(forms.Form):
    password = _secret(gettext_lazy("New password"), "new-password")
    again = _secret(gettext_lazy("The same again"), "new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["password"].help_text = _("At least ten characters, and no common password.")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("password") and cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", _("This is not the same."))
        return cleaned


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), required=False, max_length=30, help_text=NAME_RULE
    )


class ChannelForm(forms.Form):
    handle = forms.CharField(
        label=gettext_lazy("Handle"),
        max_length=30,
        help_text=NAME_RULE,
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, required=False)
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ChannelEditForm(ChannelForm):
    banner = forms.FileField(
        label=gettext_lazy("Banner"),
        required=False,
        help_text=gettext_lazy("Cut to 1600 × 400. JPEG, PNG, WebP or GIF up to 10 MB."),
        widget=forms.FileInput(attrs={"accept": PICTURES}),
    )
    drop_banner = forms.BooleanField(label=gettext_lazy("Remove the banner"), required=False)
    avatar = forms.FileField(
        label=gettext_lazy("Picture"),
        required=False,
        help_text=gettext_lazy("Cut to a square."),
        widget=forms.FileInput(attrs={"accept": PICTURES}),
    )
    drop_avatar = forms.BooleanField(label=gettext_lazy("Remove the picture"), required=False)

    def __init__(self, *args: Any, channel: Channel, **kwargs: Any) -> None:
        now = {"handle": channel.handle, "name": channel.name, "description": channel.description}
        super().__init__(*args, **{"initial": now, **kwargs})
        if not channel.banner_id:
            del self.fields["drop_banner"]
        if not channel.avatar_id:
            del self.fields["drop_avatar"]

    def pictures(self) -> channels.Pictures:
        """What was asked for the two pictures."""
        asked = self.cleaned_data
        return channels.Pictures(
            banner=asked["banner"],
            avatar=asked["avatar"],
            drop_banner=asked.get("drop_banner", False),
            drop_avatar=asked.get("drop_avatar", False),
        )


class TokenForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("What is it for?"),
        max_length=60,
        help_text=gettext_lazy("A name for your list, such as “Upload script”."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("It may"),
        choices=list(tokens.SCOPES.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    opens_keys = forms.BooleanField(
        label=gettext_lazy("Make it an app password: it also opens what is sealed for me"),
        required=False,
    )
