"""The name, the keys, and leaving for good."""

from base64 import b64encode

from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from wetube.core.http import SignedInRequest
from wetube.people import farewell, joining, names
from wetube.people import keys as master_keys
from wetube.people.forms import NameForm
from wetube.people.views import ways


@never_cache
@require_http_methods(["GET", "POST"])
@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if form.is_valid():
        try:
            joining.rename(request.user, form.cleaned_data["name"])
        except names.NameRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, _("Your name is changed."))
            return redirect("people:settings")
    context = {"section": "profile", "form": form}
    return render(request, "people/profile.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
@login_required
def keys(request: SignedInRequest) -> HttpResponse:
    """Public keys, and what opens the private ones."""
    user = request.user
    context = {
        "section": "keys",
        "open": master_keys.unlock(request) is not None,
        "agree": b64encode(bytes(user.keypairs.x25519_public)).decode(),
        "sign": b64encode(bytes(user.keypairs.ed25519_public)).decode(),
        "by_passkeys": user.passkeys.filter(wrapped_master__isnull=False).count(),
        "by_tokens": user.tokens.filter(wrapped_master__isnull=False).count(),
    }
    return render(request, "people/keys.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@ways.proven(back="people:leave")
def leave(request: SignedInRequest) -> HttpResponse:
    """Delete the account; who says so has just shown who they are."""
    if request.method == "GET":
        context = {"section": "leave", "channels": request.user.channels.count()}
        return render(request, "people/leave.html", context)
    try:
        farewell.leave(request.user)
    except farewell.CannotLeave as refusal:
        messages.error(request, str(refusal))
        return redirect("people:leave")
    response = redirect("people:log_in")
    auth.logout(request)
    master_keys.drop_cookie(response)
    messages.success(request, _("Your account is deleted."))
    return response
