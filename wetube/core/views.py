"""Pages that belong to no app."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wetube.core import health
from wetube.core.http import SignedInRequest


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "core/about.html")


@login_required
@require_safe
def health_page(request: SignedInRequest) -> HttpResponse:
    """For the operator; to others it does not exist."""
    if not request.user.is_operator:
        raise Http404
    return render(request, "core/health.html", {"checks": health.look()})


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """For whoever balances load: this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")
