"""How the mint's endpoints are asked and answer: JSON both ways, from any page, without cookies."""

import json
import logging
from collections.abc import Callable, Mapping
from functools import wraps

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from wetube.cloudcoin.refusals import InsufficientFunds
from wetube.people.limits import TooManyTries
from wetube.tokens.refusals import Malformed, TokenRefused

logger = logging.getLogger(__name__)

LARGEST = 256 * 1024
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}

Endpoint = Callable[..., Mapping[str, object]]


def endpoint(method: str) -> Callable[[Endpoint], Callable[..., HttpResponse]]:
    """Makes a function that returns JSON's object a view for this one method.

    No cookie is read, so there is nothing a stranger's page could misuse (hence no CSRF check).
    """

    def made(answer: Endpoint) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(answer)
        def view(request: HttpRequest, **place: str) -> HttpResponse:
            if request.method == "OPTIONS":
                return _with_cors(HttpResponse(status=204))
            if request.method != method and (request.method, method) != ("HEAD", "GET"):
                return _with_cors(HttpResponse(status=405, headers={"Allow": f"{method}, OPTIONS"}))
            return _with_cors(_answered(answer, request, place))

        return view

    return made


def body(request: HttpRequest) -> Mapping[str, object]:
    """The JSON object a request carries. Raises Malformed."""
    if len(request.body) > LARGEST:
        raise Malformed(_("This request is too large."))
    try:
        said = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise Malformed(_("The body is not JSON.")) from error
    if not isinstance(said, dict):
        raise Malformed(_("The body is not a JSON object."))
    return said


def text(said: Mapping[str, object], name: str) -> str:
    """A text of the object. Raises Malformed."""
    found = said.get(name)
    if not isinstance(found, str):
        raise Malformed(_("“%(name)s” must be text.") % {"name": name})
    return found


def _answered(answer: Endpoint, request: HttpRequest, place: Mapping[str, str]) -> HttpResponse:
    try:
        return JsonResponse(answer(request, **place), headers={"Cache-Control": "no-store"})
    except TokenRefused as refusal:
        return _refused(str(refusal), refusal.code, refusal.status)
    except InsufficientFunds as refusal:
        return _refused(str(refusal), TokenRefused.code, 400)
    except TooManyTries as refusal:
        response = _refused(str(refusal), TokenRefused.code, 429)
        response["Retry-After"] = str(refusal.wait)
        return response


def _refused(sentence: str, code: int, status: int) -> HttpResponse:
    return JsonResponse(
        {"detail": sentence, "code": code}, status=status, headers={"Cache-Control": "no-store"}
    )


def _with_cors(response: HttpResponse) -> HttpResponse:
    for name, value in CORS.items():
        response[name] = value
    return response
