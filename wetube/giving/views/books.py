"""The operator's view of the coin: what is held, what is owed, what came in."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from wetube.cloudcoin import holdings
from wetube.cloudcoin.snapshot import one_moment
from wetube.core.http import SignedInRequest
from wetube.giving import housekeeping

MONTH = 30  # days


@never_cache
@login_required
@require_safe
def books(request: SignedInRequest) -> HttpResponse:
    """For the operator; to others it does not exist."""
    if not request.user.is_operator:
        raise Http404
    with one_moment():
        context = {
            "holdings": holdings.now(),
            "taken": holdings.taken(),
            "taken_lately": holdings.taken(days=MONTH),
            "days": MONTH,
            "on_its_way": housekeeping.on_its_way(),
        }
    return render(request, "giving/books.html", context)
