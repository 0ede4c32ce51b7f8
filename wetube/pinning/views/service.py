"""The IPFS Pinning Services API 1.0: GET and POST /pins, GET, POST and DELETE /pins/{requestid}.

Programs call it from anywhere, pages of other origins too: nothing here knows a cookie.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from wetube.nodes import routing
from wetube.people import tokens
from wetube.people.models import User
from wetube.pinning import asking, finding, wishes
from wetube.pinning.models import PinRequest
from wetube.pinning.refusals import (
    BadRequest,
    MethodNotAllowed,
    NotAllowed,
    Refused,
    TooLarge,
    Unauthorized,
)

SCOPE = "pins"
MOST_BODY = 64 << 10  # bytes
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}
Answer = Callable[..., HttpResponse]


def service(view: Answer) -> Answer:
    """Hand the view the token's owner, and say every refusal as the API does."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            said = _preflight(request) or view(request, _owner(request), *args, **kwargs)
        except Refused as refused:
            said = _refusal(refused)
        for name, value in CORS.items():
            said[name] = value
        said["Cache-Control"] = "no-store"
        return said

    return answer


@service
def pins(request: HttpRequest, owner: User) -> HttpResponse:
    """List the owner's pins, or ask for a new one."""
    if request.method == "GET":
        count, found = finding.find(owner, finding.question(request.GET))
        return JsonResponse({"count": count, "results": [_status(pin) for pin in found]})
    if request.method == "POST":
        pin = asking.ask(owner, wishes.read(_body(request)))
        return JsonResponse(_status(pin), status=202)
    raise MethodNotAllowed(_("Only GET and POST are answered here."))


@service
def pin(request: HttpRequest, owner: User, key: str) -> HttpResponse:
    """Look at one pin, replace it, or take it back."""
    if request.method == "GET":
        return JsonResponse(_status(asking.find(owner, key)))
    if request.method == "POST":
        replaced = asking.replace(owner, key, wishes.read(_body(request)))
        return JsonResponse(_status(replaced), status=202)
    if request.method == "DELETE":
        asking.remove(owner, key)
        return HttpResponse(status=202)
    raise MethodNotAllowed(_("Only GET, POST and DELETE are answered here."))


def _preflight(request: HttpRequest) -> HttpResponse | None:
    return HttpResponse(status=204) if request.method == "OPTIONS" else None


def _owner(request: HttpRequest) -> User:
    """Whom the program acts for; raises Unauthorized, NotAllowed."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Unauthorized(_("Send a token: Authorization: Bearer …"))
    try:
        return tokens.authenticate(secret.strip(), scope=SCOPE)
    except tokens.ScopeMissing as error:
        raise NotAllowed(str(error)) from error
    except tokens.TokenRefused as error:
        raise Unauthorized(str(error)) from error


def _body(request: HttpRequest) -> bytes:
    """The whole body, small as it must be; raises TooLarge, BadRequest."""
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError as error:
        raise BadRequest(_("The length of the body is not a number.")) from error
    if length > MOST_BODY:
        raise TooLarge(_("A pin takes at most 64 KiB to describe."))
    body = request.read(MOST_BODY + 1)
    if len(body) > MOST_BODY:
        raise TooLarge(_("A pin takes at most 64 KiB to describe."))
    return body


def _status(pin: PinRequest) -> Mapping[str, Any]:
    """A PinStatus object."""
    said: dict[str, Any] = {"cid": pin.asked}
    if pin.name:
        said["name"] = pin.name
    if pin.origins:
        said["origins"] = pin.origins
    if pin.meta:
        said["meta"] = pin.meta
    info = {"status_details": _(pin.why)} if pin.why else {}
    if pin.size:
        info["dag_size"] = str(pin.size)
    return {
        "requestid": pin.key,
        "status": pin.state,
        "created": pin.created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "pin": said,
        "delegates": routing.delegates(),
        **({"info": info} if info else {}),
    }


def _refusal(refused: Refused) -> HttpResponse:
    said = {"error": {"reason": refused.reason, "details": str(refused)}}
    answer = JsonResponse(said, status=refused.status)
    if refused.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer
