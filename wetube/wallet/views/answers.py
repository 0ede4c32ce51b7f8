"""What pages' scripts send and get: JSON both ways, refusals as a sentence with a status."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse, JsonResponse

from wetube.chain.rpc import ChainAway
from wetube.core.http import SignedInRequest
from wetube.wallet.refusals import Garbled, NotPassedOn

View = Callable[[SignedInRequest, dict[str, Any]], HttpResponse]
MOST_BYTES = 16 * 1024


def spoken(view: View) -> Callable[[SignedInRequest], HttpResponse]:
    """The view is given what the page said; what it raises is answered as 422, or 503 if away."""

    @wraps(view)
    def answer(request: SignedInRequest) -> HttpResponse:
        try:
            return view(request, _said(request))
        except NotPassedOn as refusal:
            return JsonResponse({"error": str(refusal)}, status=422)
        except ChainAway as away:
            return JsonResponse({"error": str(away)}, status=503, headers={"Retry-After": "60"})

    return answer


def _said(request: SignedInRequest) -> dict[str, Any]:
    """Raises Garbled."""
    try:
        said = json.loads(request.body[:MOST_BYTES])
    except ValueError as error:
        raise Garbled from error
    if not isinstance(said, dict):
        raise Garbled
    return said


def part(said: dict[str, Any], name: str) -> dict[str, Any]:
    """A part that is an object itself; raises Garbled."""
    inner = said.get(name)
    if not isinstance(inner, dict):
        raise Garbled
    return inner
