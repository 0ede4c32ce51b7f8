"""Passkeys: what the browser asks and answers, in JSON."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from wetube.core.http import SignedInRequest
from wetube.people import keys, limits, logins, passkeys
from wetube.people.views import ways

CHALLENGE = "passkey_challenge"


@never_cache
@require_POST
def options_to_sign_in(request: HttpRequest) -> JsonResponse:
    challenge = request.session[CHALLENGE] = passkeys.new_challenge()
    return JsonResponse(passkeys.options_to_sign_in(challenge))


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> JsonResponse:
    try:
        limits.take_address(request)
        user, master = passkeys.open_by(challenge=_challenge(request), answer=_answer(request))
    except limits.TooManyTries as refusal:
        return JsonResponse({"error": str(refusal)}, status=429)
    except passkeys.PasskeyRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    response = JsonResponse({"next": ways.onward(request)})
    logins.begin(request, response, user, master)
    return response


@never_cache
@require_POST
@ways.proven(back="people:security")
def options_to_add(request: SignedInRequest) -> HttpResponse:
    challenge = request.session[CHALLENGE] = passkeys.new_challenge()
    try:
        return JsonResponse(passkeys.options_to_add(request.user, challenge))
    except passkeys.PasskeyRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)


@never_cache
@require_POST
@ways.proven(back="people:security")
def add(request: SignedInRequest) -> HttpResponse:
    answer = _answer(request)
    try:
        passkeys.add(
            request.user,
            name=str(answer.pop("name", "")),
            challenge=_challenge(request),
            answer=answer,
            master=keys.unlock(request),
        )
    except passkeys.PasskeyRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    return JsonResponse({"next": reverse("people:security")}, status=201)


@require_POST
@ways.proven(back="people:security")
def remove(request: SignedInRequest, key: str) -> HttpResponse:
    passkeys.remove(request.user, key)
    return redirect("people:security")


def _challenge(request: HttpRequest) -> str:
    """The challenge that was given to this browser, once."""
    challenge = request.session.pop(CHALLENGE, None)
    if not challenge:
        raise passkeys.PasskeyRefused(_("Ask for the passkey again."))
    return str(challenge)


def _answer(request: HttpRequest) -> dict[str, Any]:
    try:
        answer = json.loads(request.body)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {}
