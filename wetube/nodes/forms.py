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


class RefusalForm(forms.Form):
    """A content to decline, and why."""

    cid = forms.CharField(
        label=_("CID"), max_length=256, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("The list is public, with the reason.")
    )


class ForeignListForm(forms.Form):
    """Where somebody publishes a list. What is fetched is for published_lists.py to judge."""

    url = forms.CharField(
        label=_("Address of a list"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://", "spellcheck": "false"}),
        help_text=_("A compact denylist (.deny), or the signed list of a gateway like this one."),
    )


class AllowForm(RefusalForm):
    """A content to serve although a list refuses it, and why."""


class AppealForm(forms.Form):
    """Why a refusal is wrong."""

    says = forms.CharField(
        label=_("Why it should not be refused"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
