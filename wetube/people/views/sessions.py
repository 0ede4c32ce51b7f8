"""Where a person is signed in, and ending it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.people import logins


@never_cache
@require_safe
@login_required
def sessions(request: SignedInRequest) -> HttpResponse:
    context = {
        "section": "sessions",
        "logins": request.user.logins.all()[:100],
        "this": request.session.session_key,
    }
    return render(request, "people/sessions.html", context)


@require_POST
@login_required
def end(request: SignedInRequest, key: str) -> HttpResponse:
    if logins.end_one(request.user, key):
        messages.success(request, _("The session is ended."))
    return redirect("people:sessions")


@require_POST
@login_required
def end_others(request: SignedInRequest) -> HttpResponse:
    logins.end_others(request)
    messages.success(request, _("All other sessions are ended."))
    return redirect("people:sessions")
