"""Signing up: a name or none, the twelve words, two of them asked back, signed in."""

import secrets
import time
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from wetube.people import joining, keys, limits, logins, names, phrases, proofs, turns
from wetube.people.forms import CheckForm, JoinForm
from wetube.people.models import User
from wetube.people.views import ways

STATE = "joining"  # in the session: name, next, turn, and which words are asked
SEALED = "joining_phrase"
REFUSALS = (names.NameRefused, proofs.ProofRefused, turns.TooBusy, limits.TooManyTries)


@never_cache
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(ways.onward(request))
    if not settings.SIGN_UP_OPEN:
        return render(request, "people/sign_up_closed.html", status=403)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _admit(request, form.cleaned_data["name"])
        except names.NameRefused as refusal:
            form.add_error("name", str(refusal))
        except REFUSALS as refusal:
            form.add_error(None, str(refusal))
    context = {"form": form, "next": request.GET.get("next", ""), "challenge": _challenge(request)}
    return render(request, "people/sign_up.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def wait(request: HttpRequest) -> HttpResponse:
    """The page for browsers without JavaScript: it asks for itself again until it is its turn."""
    state = request.session.get(STATE)
    if not state:
        return redirect("people:sign_up")
    left = state["turn"] - int(time.time())
    if left <= 0:
        return _show_phrase(request, state)
    response = render(request, "people/sign_up_wait.html", {"left": left})
    response["Refresh"] = str(min(left, 10))
    return response


@never_cache
@require_safe
def phrase(request: HttpRequest) -> HttpResponse:
    words = _words(request)
    if not words:
        return redirect("people:sign_up")
    context = {"words": words.split(), "phrase": words, "next": reverse("people:sign_up_check")}
    return render(request, "people/sign_up_phrase.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    state, words = request.session.get(STATE), _words(request)
    if not state or not words:
        return redirect("people:sign_up")
    form = CheckForm(request.POST or None, words=words.split(), asked=state["asked"])
    if not form.is_valid():
        context = {"form": form, "back": reverse("people:sign_up_phrase")}
        status = 422 if form.errors else 200
        return render(request, "people/sign_up_check.html", context, status=status)
    try:
        user, master = _join(request, state["name"], words)
    except joining.PhraseUsed:  # the first of two clicks made the account
        return redirect("people:log_in")
    del request.session[STATE], request.session[SEALED]
    response = redirect(state["next"])
    logins.begin(request, response, user, master)
    messages.success(request, _("Welcome! You are signed in, and your channel is ready."))
    return response


def _admit(request: HttpRequest, name: str) -> HttpResponse:
    """Let this browser on to its phrase: for work at once, else when it is its turn."""
    limits.take_address(request)
    state = {
        "name": joining.check_name(name),
        "next": ways.onward(request),
        "turn": 0,
        "asked": sorted(secrets.SystemRandom().sample(range(phrases.WORDS), 2)),
    }
    if settings.PROOF_OF_WORK:
        if proof := request.POST.get("proof", ""):
            proofs.accept(proof, purpose=STATE, holder=_holder(request))
        else:
            state["turn"] = turns.take()
    if state["turn"]:
        request.session[STATE] = state
        return redirect("people:sign_up_wait")
    return _show_phrase(request, state)


def _show_phrase(request: HttpRequest, state: dict[str, Any]) -> HttpResponse:
    response = redirect("people:sign_up_phrase")
    keys.remember(request, response, SEALED, phrases.new().encode(), whose=STATE)
    request.session[STATE] = state
    return response


def _join(request: HttpRequest, name: str, words: str) -> tuple[User, keys.MasterKey]:
    try:
        return joining.join(name=name, words=words)
    except joining.NameTaken:
        messages.warning(
            request, _("Somebody took this name a moment ago. You can choose another one here.")
        )
        return joining.join(name="", words=words)


def _words(request: HttpRequest) -> str:
    return (keys.recall(request, SEALED, whose=STATE) or b"").decode()


def _challenge(request: HttpRequest) -> str:
    if not settings.PROOF_OF_WORK:
        return ""
    return proofs.challenge(purpose=STATE, holder=_holder(request), bits=proofs.bits_now())


def _holder(request: HttpRequest) -> str:
    """The browser itself: the secret of its CSRF cookie, which each form needs anyway."""
    get_token(request)
    return str(request.META["CSRF_COOKIE"])
