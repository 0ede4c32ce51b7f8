"""What people fill in on the pages of the network."""

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

LASTING = ((30, _("30 days")), (90, _("90 days")), (365, _("a year")))


class KeepForm(forms.Form):
    """For how long to keep a content alive, and at what price one agreed."""

    days = forms.TypedChoiceField(label=_("For how long"), choices=LASTING, coerce=int)
    agreed = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    reference = forms.CharField(
        widget=forms.HiddenInput, validators=[RegexValidator(r"\A[0-9a-f]{32}\Z")]
    )


class MailForm(forms.Form):
    """A mailbox for alarms."""

    to = forms.EmailField(label=_("Mail address"), max_length=250)


class WebhookForm(forms.Form):
    """A webhook for alarms. What is called is for webhooks.py to judge."""

    url = forms.CharField(
        label=_("Webhook"), max_length=500, widget=forms.URLInput(attrs={"placeholder": "https://"})
    )
