"""The page of one's pins: what is kept, how far the rest is, how much room is left."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from wetube.core.http import SignedInRequest
from wetube.pinning import asking, room
from wetube.pinning.forms import PinForm
from wetube.pinning.models import PinRequest
from wetube.pinning.refusals import Declined, NoSuchPin, QuotaExceeded

A_PAGE = 25
UNDER_WAY = (PinRequest.State.QUEUED, PinRequest.State.PINNING)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pins(request: SignedInRequest) -> HttpResponse:
    """The list, and the form that adds to it."""
    form = PinForm(request.POST or None)
    if form.is_valid():
        try:
            asking.ask(request.user, form.wish())
        except (QuotaExceeded, Declined) as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("It is on its way."))
            return redirect("pinning:pins")
    mine = PinRequest.objects.filter(owner=request.user).order_by("-created")
    used = room.used(request.user)
    context = {
        "section": "pins",
        "form": form,
        "page": Paginator(mine, A_PAGE).get_page(request.GET.get("page")),
        "is_moving": mine.filter(state__in=UNDER_WAY).exists(),
        "used": used,
        "quota": settings.PIN_QUOTA_BYTES,
        "share": min(1.0, used / max(1, settings.PIN_QUOTA_BYTES)),
        "endpoint": settings.SITE_URL + reverse("pinning:service").removesuffix("/pins"),
    }
    return render(request, "pinning/pins.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def remove(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        asking.remove(request.user, key)
    except NoSuchPin as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("It is not kept for you any more."))
    return redirect("pinning:pins")


@login_required
@require_POST
def try_again(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        asking.try_again(request.user, key)
    except NoSuchPin as refused:
        messages.error(request, str(refused))
    return redirect("pinning:pins")
