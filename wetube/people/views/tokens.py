"""App passwords and API tokens: made, shown once, revoked."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.people import keys
from wetube.people import tokens as minting
from wetube.people.forms import TokenForm
from wetube.people.views import ways


@never_cache
@require_safe
@login_required
def tokens(request: SignedInRequest) -> HttpResponse:
    mine = request.user.tokens.all()
    return render(request, "people/tokens.html", {"section": "tokens", "tokens": mine})


@never_cache
@require_http_methods(["GET", "POST"])
@ways.proven(back="people:new_token")
def new(request: SignedInRequest) -> HttpResponse:
    """The secret is in this one answer and nowhere else."""
    form = TokenForm(request.POST or None)
    if not form.is_valid():
        context = {"section": "tokens", "form": form}
        status = 422 if form.errors else 200
        return render(request, "people/new_token.html", context, status=status)
    asked = form.cleaned_data
    master = keys.unlock(request) if asked["opens_keys"] else None
    if asked["opens_keys"] and master is None:
        return redirect(f"{reverse('people:confirm')}?next={request.path}")
    token, secret = minting.mint(
        request.user, name=asked["name"], scopes=asked["scopes"], master=master
    )
    context = {"section": "tokens", "token": token, "secret": secret}
    return render(request, "people/token_made.html", context, status=201)


@require_POST
@login_required
def revoke(request: SignedInRequest, key: str) -> HttpResponse:
    if minting.revoke(request.user, key):
        messages.success(request, _("The token is revoked."))
    return redirect("people:tokens")
