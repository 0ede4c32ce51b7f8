"""What people type about coin."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin import amounts
from wetube.cloudcoin.models import Charge, ChargeQuerySet, Tab


class CoinsInput(forms.TextInput):
    """A plain text field with the phone's number pad: browsers' number fields round."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})


class CoinsField(forms.Field):
    """Coins as people write them ("0.05", or "0,05" where that is the custom); cleans to drops.

    An empty field that is not required is 0 drops.
    """

    widget = CoinsInput

    def __init__(self, *, most: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None if self.required else 0
        try:
            return amounts.parse(str(value))
        except amounts.NotCoins as error:
            raise forms.ValidationError(str(error)) from error

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is not None and self.most is not None and value > self.most:
            most = amounts.coins(self.most)
            raise forms.ValidationError(_("At most %(most)s.") % {"most": most})

    def prepare_value(self, value: Any) -> Any:
        return amounts.localised(value) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class CapsForm(forms.Form):
    """The limits of one's own tab."""

    per_view = CoinsField(
        label=_("At most for one view"),
        help_text=_("In CLD. What costs more is not charged until you raise this."),
    )
    per_day = CoinsField(
        label=_("At most in a day"),
        help_text=_("In CLD. A day begins at midnight UTC."),
    )


class HistoryForm(forms.Form):
    """Which charges to list; everything may be left out."""

    q = forms.CharField(label=_("Title"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=_("What for"), required=False, choices=[("", _("Everything")), *Charge.Kind.choices]
    )
    means = forms.ChoiceField(
        label=_("Paid from"),
        required=False,
        choices=[
            ("", _("Anywhere")),
            (Tab.Kind.CUSTODIAL, _("The balance here")),
            (Tab.Kind.SIGNED, _("A locked tab")),
        ],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            ("settling", _("Being settled")),
            ("settled", _("Settled")),
            ("refunded", _("Refunded")),
        ],
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def narrow(self, charges: ChargeQuerySet) -> ChargeQuerySet:
        """Only what was asked for; a question that makes no sense narrows nothing."""
        asked = self.cleaned_data if self.is_valid() else {}
        if asked.get("q"):
            charges = charges.filter(label__icontains=asked["q"])
        if asked.get("kind"):
            charges = charges.filter(kind=asked["kind"])
        if asked.get("means"):
            charges = charges.filter(tab__kind=asked["means"])
        if asked.get("since"):
            charges = charges.filter(at__gte=_midnight(asked["since"]))
        if asked.get("until"):
            charges = charges.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
        return _in_state(charges, asked.get("state") or "")


def _in_state(charges: ChargeQuerySet, state: str) -> ChargeQuerySet:
    if state == "refunded":
        return charges.exclude(refund=None)
    if state == "settled":
        return charges.standing().exclude(rollup=None)
    if state == "settling":
        return charges.standing().unsettled()
    return charges


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time.min, UTC)
