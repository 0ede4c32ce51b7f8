"""Locked tabs: listed, filled, adopted."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.wallet import locked, locking, terms
from wetube.wallet.views.answers import part, spoken


@never_cache
@login_required
@require_safe
def tabs(request: SignedInRequest) -> HttpResponse:
    context = {**_tabs(request), "chain": terms.current(), "gateway": settings.GATEWAY_URL}
    return render(request, "wallet/tabs.html", context)


@never_cache
@login_required
@require_safe
def rows(request: SignedInRequest) -> HttpResponse:
    """The tabs alone: the page asks again while something waits."""
    return render(request, "wallet/tab_rows.html", _tabs(request))


@never_cache
@login_required
@require_safe
def standing(request: SignedInRequest) -> HttpResponse:
    """What the books say of each tab, for the device that holds its key."""
    return JsonResponse(
        {
            "tabs": [
                {
                    "channel": tab.channel,
                    "left": str(tab.left),
                    "spent": str(tab.spent),
                    "balance": str(tab.left + tab.spent),
                    "open": tab.is_open,
                }
                for tab in locked.of(request.user)
            ]
        }
    )


@login_required
@require_POST
@spoken
def lock(request: SignedInRequest, said: dict[str, Any]) -> HttpResponse:
    locking.ask(
        request.user,
        config=part(said, "config"),
        deposit=part(said, "deposit"),
        proof=str(said.get("proof", "")),
    )
    return JsonResponse({}, status=202)


@login_required
@require_POST
@spoken
def adopt(request: SignedInRequest, said: dict[str, Any]) -> HttpResponse:
    locking.adopt(request.user, config=part(said, "config"), proof=str(said.get("proof", "")))
    return JsonResponse({})


def _tabs(request: SignedInRequest) -> dict[str, object]:
    return {"tabs": locked.of(request.user), "pending": locked.pending(request.user)}
