"""What people fill in to keep a content."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wetube.pinning import wishes
from wetube.pinning.refusals import BadRequest
from wetube.pinning.wishes import Wish


class PinForm(forms.Form):
    """A CID, and what to call it."""

    cid = forms.CharField(
        label=_("CID"),
        max_length=wishes.LONGEST_CID,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It begins with bafy, bafk or Qm."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=wishes.MOST_NAME,
        required=False,
        help_text=_("For you, to find it again."),
    )

    def clean_cid(self) -> str:
        cid: str = self.cleaned_data["cid"].removeprefix("ipfs://").strip("/")
        try:
            wishes.canonical(cid)
        except BadRequest as error:
            raise forms.ValidationError(str(error)) from error
        return cid

    def wish(self) -> Wish:
        said: dict[str, Any] = self.cleaned_data
        return wishes.wish({"cid": said["cid"], "name": said["name"]})
