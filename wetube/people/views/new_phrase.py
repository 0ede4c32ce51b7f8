"""Another recovery phrase, when the old one is lost or was seen."""

import secrets

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from wetube.core.http import SignedInRequest
from wetube.people import keys, phrases
from wetube.people.forms import CheckForm
from wetube.people.views import ways

SEALED, ASKED = "new_phrase", "new_phrase_asked"


@never_cache
@require_safe
@ways.proven(back="people:new_phrase")
def show(request: SignedInRequest) -> HttpResponse:
    """Twelve new words; the old ones hold until the new ones are checked."""
    if keys.unlock(request) is None:
        return redirect(f"{reverse('people:confirm')}?next={request.path}")
    words = _words(request) or phrases.new()
    context = {"words": words.split(), "phrase": words, "next": reverse("people:new_phrase_check")}
    response = render(request, "people/sign_up_phrase.html", context)
    keys.remember(request, response, SEALED, words.encode(), whose=request.user.key)
    request.session.setdefault(ASKED, sorted(secrets.SystemRandom().sample(range(12), 2)))
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@ways.proven(back="people:new_phrase")
def check(request: SignedInRequest) -> HttpResponse:
    words, master = _words(request), keys.unlock(request)
    if not words or master is None:
        return redirect("people:new_phrase")
    form = CheckForm(request.POST or None, words=words.split(), asked=request.session[ASKED])
    if not form.is_valid():
        context = {"form": form, "back": reverse("people:new_phrase"), "is_new": True}
        status = 422 if form.errors else 200
        return render(request, "people/sign_up_check.html", context, status=status)
    phrases.keep(request.user, words, master)
    del request.session[SEALED], request.session[ASKED]
    messages.success(request, _("Your new phrase holds. The old one opens nothing any more."))
    return redirect("people:security")


def _words(request: SignedInRequest) -> str:
    return (keys.recall(request, SEALED, whose=request.user.key) or b"").decode()
