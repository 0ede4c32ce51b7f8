"""/node/metrics: for Prometheus, with a token whose scope is "nodes"."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from wetube.nodes import metrics as figures
from wetube.people import tokens

SCOPE = "nodes"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind.lower() != "bearer":
            raise tokens.UnknownToken("Send a token: Authorization: Bearer …")
        owner = tokens.authenticate(secret.strip(), scope=SCOPE)
    except tokens.ScopeMissing as refused:
        return _refused(403, str(refused))
    except tokens.TokenRefused as refused:
        answer = _refused(401, str(refused))
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    return HttpResponse(figures.text(owner), content_type=figures.CONTENT_TYPE)


def _refused(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain; charset=utf-8")
