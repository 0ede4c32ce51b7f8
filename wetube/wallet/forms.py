"""What people type about coin that goes out."""

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from wetube.cloudcoin.forms import CoinsField
from wetube.settlement import destinations


class AddressInput(forms.TextInput):
    """Plain text a phone leaves alone."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        plain = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        super().__init__({**plain, "class": "address", "placeholder": "0x…", **(attrs or {})})


class AddressField(forms.CharField):
    """An address on the chain; cleans to the one with its checksum."""

    widget = AddressInput

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=60, **options)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return destinations.parse(text) if text else ""
        except destinations.NotAnAddress as error:
            raise forms.ValidationError(str(error)) from error


def once() -> str:
    """A random word: the same form sent twice asks one thing."""
    return secrets.token_hex(8)


class WithdrawForm(forms.Form):
    """Coin out to an address."""

    amount = CoinsField(label=_("How much"), help_text=_("In CLD."))
    address = AddressField(
        label=_("To which address"),
        help_text=_("An address on the chain that you have the key of. Nobody can undo a payout."),
    )
    push = forms.BooleanField(
        label=_("Send it to me: this gateway pays the fee once the amount is worth it"),
        required=False,
        initial=True,
    )
    once = forms.RegexField("^[0-9a-f]{16}$", widget=forms.HiddenInput, initial=once)

    def clean_amount(self) -> int:
        """Raises what a person can correct; the till decides the rest."""
        amount: int = self.cleaned_data["amount"]
        if amount < settings.WITHDRAWAL_MINIMUM_DROPS:
            raise forms.ValidationError(_("This is less than is paid out at a time."))
        return amount

    def clean(self) -> dict[str, Any]:
        """A mistake in a field nobody sees is said where people look."""
        if "once" in self.errors:
            self.add_error(None, _("Reload the page and try again."))
        return self.cleaned_data


class StandingForm(forms.Form):
    """Coin that goes out by itself."""

    threshold = CoinsField(
        label=_("Whenever I have at least"),
        help_text=_("In CLD. All that is free to spend then goes out with the next payout."),
    )
    address = AddressField(label=_("Send it to"))
    push = forms.BooleanField(
        label=_("This gateway sends it and pays the fee"), required=False, initial=True
    )

    def clean_threshold(self) -> int:
        threshold: int = self.cleaned_data["threshold"]
        if threshold < settings.WITHDRAWAL_MINIMUM_DROPS:
            raise forms.ValidationError(_("This is less than is paid out at a time."))
        return threshold
