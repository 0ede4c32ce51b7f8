"""What people type when they give."""

import secrets
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wetube.cloudcoin.amounts import coins
from wetube.cloudcoin.forms import CoinsField
from wetube.giving import pots, tips
from wetube.giving.models.tips import LONGEST_NOTE

CHIPS = (5_000_000, 10_000_000, 50_000_000, 100_000_000)
OWN = "own"


class TipForm(forms.Form):
    """How much, and what goes along; the hidden reference makes two presses one tip."""

    chip = forms.ChoiceField(label=gettext_lazy("How much"), widget=forms.RadioSelect)
    own = CoinsField(
        label=gettext_lazy("Your own amount"),
        help_text=gettext_lazy("In CLD."),
        required=False,
        most=tips.MOST,
    )
    note = forms.CharField(
        label=gettext_lazy("A few words for the channel"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    is_named = forms.BooleanField(required=False)
    reference = forms.CharField(
        widget=forms.HiddenInput, validators=[RegexValidator(r"\A[0-9a-f]{32}\Z")]
    )
    on = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, *args: Any, name: str = "", **options: Any) -> None:
        initial = {"chip": str(CHIPS[1]), "reference": secrets.token_hex(16)}
        options.setdefault("auto_id", "tip-%s")  # it may stand on a page with other forms
        options["initial"] = initial | options.get("initial", {})
        super().__init__(*args, **options)
        chips = [(str(drops), coins(drops)) for drops in CHIPS]
        self.fields["chip"].choices = [*chips, (OWN, _("Another amount"))]  # type: ignore[attr-defined]
        self.fields["is_named"].label = _("Show my name, %(name)s") % {"name": name}

    def clean(self) -> dict[str, Any]:
        """`amount` in drops, from whichever way it was chosen."""
        cleaned = super().clean() or {}
        chosen = cleaned.get("chip", "")
        cleaned["amount"] = cleaned.get("own") if chosen == OWN else int(chosen or 0)
        if chosen == OWN and not cleaned["amount"] and "own" not in self.errors:
            self.add_error("own", _("Write an amount like 0.05."))
        return cleaned


class PotForm(forms.Form):
    """How much a month."""

    amount = CoinsField(
        label=gettext_lazy("Every month"),
        help_text=gettext_lazy("In CLD. It leaves your balance when the month has ended."),
        most=pots.MOST,
    )

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("Write an amount like 0.05."))
        return amount
