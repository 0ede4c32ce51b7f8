"""The door nodes come in by: bounded bodies, signatures that count once, refusals with a name."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from node_bridge.network import requests
from node_bridge.network.requests import Asked
from node_bridge.network.statements import Refused
from wetube.core.states import TransitionRefused
from wetube.nodes import identity
from wetube.nodes.debts import DebtRefused
from wetube.nodes.jobs import BadResult, JobIsOver, NotYourJob, NoWorkForYou
from wetube.nodes.models import Node, SpentRequest
from wetube.nodes.presence import Unwelcome
from wetube.nodes.registering import ForeignNode, StaleStatement, UnknownOperator
from wetube.people.limits import TooManyTries

MAX_BODY = 64 * 1024  # bytes

Said = dict[str, Any]
Plain = Callable[[Said], JsonResponse]
Signed = Callable[[str, Said], JsonResponse]
Streamed = Callable[[str, HttpRequest], HttpResponse]
View = Callable[[HttpRequest], HttpResponse]


class BadBody(Exception):
    """The body is not a JSON object, too long, or lacks a part."""


STATUS: dict[type[Exception], int] = {
    BadBody: 400,
    Refused: 401,
    DebtRefused: 402,
    UnknownOperator: 401,
    Unwelcome: 403,
    ForeignNode: 403,
    NoWorkForYou: 403,
    Node.DoesNotExist: 404,
    NotYourJob: 404,
    StaleStatement: 409,
    TransitionRefused: 409,
    JobIsOver: 410,
    BadResult: 422,
    TooManyTries: 429,
}


def plain(verb: Plain) -> View:
    """A view for a JSON body that proves by itself who sends it."""

    @csrf_exempt
    @require_POST
    @wraps(verb)
    def view(request: HttpRequest) -> HttpResponse:
        return _named(lambda: verb(_json(_body(request))))

    return view


def signed(verb: Signed) -> View:
    """A view for a node's signed request: it gets the peer id and the JSON body."""

    @csrf_exempt
    @require_POST
    @wraps(verb)
    def view(request: HttpRequest) -> HttpResponse:
        def answered() -> JsonResponse:
            body = _body(request)
            return verb(_peer(request, body), _json(body))

        return _named(answered)

    return view


def streamed(verb: Streamed) -> View:
    """A view for a signed request whose body is not signed: it is not read before."""

    @csrf_exempt
    @require_POST
    @wraps(verb)
    def view(request: HttpRequest) -> HttpResponse:
        return _named(lambda: verb(_peer(request, None), request))

    return view


def text(said: Said, name: str) -> str:
    """A text in the body; raises BadBody."""
    value = said.get(name)
    if not isinstance(value, str) or not is_kept(value):
        raise BadBody(f"The body holds a text {name!r}.")
    return value


def is_kept(value: str) -> bool:
    """Whether every database keeps this text as it is: no zero, no half of a surrogate pair."""
    return "\0" not in value and value == value.encode(errors="replace").decode()


def whole(said: Said, name: str) -> int:
    """A whole number of the body, from 0 to 2⁵³; raises BadBody."""
    value = said.get(name)
    if type(value) is not int or not 0 <= value <= 1 << 53:
        raise BadBody(f"The body holds a whole number {name!r}.")
    return value


def _named(verb: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        return verb()
    except tuple(STATUS) as refusal:
        status = next(code for kind, code in STATUS.items() if isinstance(refusal, kind))
        said = {"error": _name(refusal), "detail": str(refusal), "now": int(time.time())}
        return JsonResponse(said, status=status)


def _name(refusal: Exception) -> str:
    """A node this gateway does not know is told so, in that word."""
    return "UnknownNode" if isinstance(refusal, Node.DoesNotExist) else type(refusal).__name__


def _body(request: HttpRequest) -> bytes:
    body = request.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise BadBody(f"A body has at most {MAX_BODY} bytes.")
    return body


def _json(body: bytes) -> Said:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadBody("The body is not JSON.") from error
    if not isinstance(said, dict):
        raise BadBody("The body is a JSON object.")
    return said


def _peer(request: HttpRequest, body: bytes | None) -> str:
    """Who signed this request; raises Refused."""
    return requests.read(
        request.headers.get("Authorization", ""),
        Asked(request.method or "", request.get_full_path(), body),
        to=identity.own().peer_id,
        now=time.time(),
        is_first=_is_first,
    )


def _is_first(peer_id: str, jti: str, until: int) -> bool:
    """The row is the memory: of two at once, one is first. Raises Node.DoesNotExist.

    What strangers sign leaves no row behind.
    """
    Node.objects.only("pk").get(peer_id=peer_id)
    try:
        with transaction.atomic():
            SpentRequest.objects.create(
                peer_id=peer_id, jti=jti, expires=datetime.fromtimestamp(until, UTC)
            )
    except IntegrityError:
        return False
    return True
