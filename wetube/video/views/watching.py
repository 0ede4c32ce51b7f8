"""Watching a film."""

import contextlib
from dataclasses import asdict
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from wetube.cloudcoin import charges
from wetube.nodes import refusing
from wetube.video import access, gifts, goods, ordering, progress, viewings, watching
from wetube.video.access import Gate
from wetube.video.forms import PasswordForm
from wetube.video.models import Video
from wetube.video.views.browsing import follows

OPENED = "opened_films"
JUST_PAID = "just_paid"
RELATED = 12
MOST_GUESSES = 10  # a minute, for one film


@require_safe
def watch(request: HttpRequest, key: str) -> HttpResponse:
    """The film's page. It may speak to the nodes that keep the film, and to no others."""
    video = reachable(request, key)
    page = _watch(request, video)
    page._csp_update = {"connect-src": ordering.origins(video)}  # type: ignore[attr-defined]  # django-csp looks for it
    return page


def _watch(request: HttpRequest, video: Video) -> HttpResponse:
    gate = access.gate(video, request.user, opened(request))
    if gate is Gate.DECLINED:
        declined = {"video": video, "refusal": refusing.of(video.cid)}
        return render(request, "video/declined.html", declined, status=451)
    if gate is Gate.PASSWORD:
        return render(request, "video/password.html", {"video": video, "form": PasswordForm()})
    context = _page(request, video)
    if gate is Gate.OPEN:
        context |= _player(request, video)
        context["autoplay"] = request.session.pop(JUST_PAID, "") == video.key
    else:
        context["must_pay"] = True
        context["pay_door"] = goods.address(video, opened=video.key in opened(request))
    return render(request, "video/watch.html", context)


@require_safe
def status(request: HttpRequest, key: str) -> HttpResponse:
    """The owner's panel alone, for pages without a socket."""
    video = get_object_or_404(Video.objects.reachable_by(request.user), key=key)
    if not access.owns(video, request.user):
        return HttpResponse(status=404)
    return render(request, "video/live.html", progress.context(video))


@require_safe
def screen(request: HttpRequest, key: str) -> HttpResponse:
    """The player alone, for a page that waits until there is something to play; 204 until then.

    With a ticket, for a page that has just paid: the receipt comes along, and it plays at once.
    """
    video = reachable(request, key)
    ticket = ticket_of(request)
    if access.gate(video, request.user, opened(request), ticket) is not Gate.OPEN:
        return HttpResponse(status=204)
    context = {"video": video, "channel": video.channel} | _player(request, video)
    if context["source"] is None:
        return HttpResponse(status=204)
    context["chapters"] = watching.chapters(video.description)
    charge = access.paid(video, request.user, ticket)
    context |= {"charge": charge, "shown": ticket, "autoplay": "play" in request.GET}
    if charge and ticket:
        context["receipt"] = charges.receipt(charge)
    return render(request, "video/screen.html", context)


@require_safe
def grant(request: HttpRequest, key: str) -> HttpResponse:
    """A fresh address for a player whose grant ran out."""
    video = reachable(request, key)
    ticket = ticket_of(request)
    if access.gate(video, request.user, opened(request), ticket) is not Gate.OPEN:
        return JsonResponse({"error": _("Your access to this video has ended.")}, status=403)
    source = watching.source(video, charge=access.paid(video, request.user, ticket))
    if source is None:
        return JsonResponse({"error": _("There is nothing to play yet.")}, status=404)
    return JsonResponse(
        {
            "prefix": source.prefix,
            "expires": source.expires,
            "growing": source.growing,
            "storyboard": source.storyboard,
        }
    )


@csrf_exempt  # It gives the asker signed limits of what was paid already, and moves nothing.
@require_POST
def orders(request: HttpRequest, key: str) -> HttpResponse:
    """Orders at the nodes that keep a paid film, for the page that asks."""
    video = reachable(request, key)
    charge = access.paid(video, request.user, ticket_of(request))
    if charge is None:
        return JsonResponse({"error": _("Your access to this video has ended.")}, status=403)
    try:
        offers = ordering.offers(video, charge, request.POST.get("client", ""))
    except ordering.NoOrders as refusal:
        return JsonResponse({"error": str(refusal)}, status=409)
    return JsonResponse({"orders": [asdict(offer) for offer in offers]})


@csrf_exempt  # The signed token is the proof; a page kept for hours still counts its view.
@require_POST
def view(request: HttpRequest, key: str) -> HttpResponse:
    video = get_object_or_404(Video.objects.reachable_by(request.user), key=key)
    try:
        viewings.count(video, request.POST.get("token", ""))
    except viewings.NotAView as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    return HttpResponse(status=204)


@require_POST
def password(request: HttpRequest, key: str) -> HttpResponse:
    video = reachable(request, key)
    form = PasswordForm(request.POST)
    if form.is_valid() and _may_guess(video) and video.opens_with(form.cleaned_data["password"]):
        request.session[OPENED] = [*opened(request), video.key][-100:]
        return redirect(video)
    if form.is_valid():
        form.add_error("password", _("This is not the password. After many tries, wait a minute."))
    return render(request, "video/password.html", {"video": video, "form": form}, status=422)


def reachable(request: HttpRequest, key: str) -> Video:
    """The film, if this person may know of it; 404 otherwise, never 403."""
    films = Video.objects.reachable_by(request.user).select_related("channel__owner")
    return get_object_or_404(films, key=key)


def opened(request: HttpRequest) -> list[str]:
    """Films behind a password that this session has opened."""
    return list(request.session.get(OPENED, []))


def ticket_of(request: HttpRequest) -> str:
    """What a wallet got for paying, as the page shows it; "" without one."""
    return request.GET.get("ticket", "")


def _may_guess(video: Video) -> bool:
    """A password is guessed slowly, whoever guesses: counted per film, not per person."""
    slot = f"guesses:{video.key}"
    cache.add(slot, 0, timeout=60)
    with contextlib.suppress(ValueError):  # the minute ended between the two calls
        return bool(cache.incr(slot) <= MOST_GUESSES)
    return True


def _page(request: HttpRequest, video: Video) -> dict[str, Any]:
    others = Video.objects.listed_for(request.user).exclude(pk=video.pk).select_related("channel")
    is_owner = access.owns(video, request.user)
    context: dict[str, Any] = {
        "video": video,
        "channel": video.channel,
        "is_owner": is_owner,
        "is_following": follows(request, video.channel),
        "followers": video.channel.follows.count(),
        "related": _related(video, others),
        "chapters": watching.chapters(video.description),
        "charge": access.paid(video, request.user),
    }
    return context | (progress.context(video) if is_owner else {})


def _related(video: Video, others: Any) -> list[Video]:
    """The channel's own films first, then the newest of all."""
    own = list(others.filter(channel=video.channel).order_by("-published_at")[: RELATED // 2])
    rest = others.exclude(channel=video.channel).order_by("-published_at")
    return [*own, *rest[: RELATED - len(own)]]


def _player(request: HttpRequest, video: Video) -> dict[str, Any]:
    ticket = ticket_of(request)
    charge = access.paid(video, request.user, ticket)
    source = watching.source(video, charge=charge, ticket=ticket)
    if source is None:
        return {"source": None}
    return {
        "slip": gifts.slip(video, request.user, charge=charge),
        "source": asdict(source),
        "captions": watching.captions(video, source.prefix) if not source.growing else [],
        "viewing": {"url": f"{video.get_absolute_url()}views/", "token": viewings.token(video)},
        "renditions": [] if source.growing else list(video.renditions.all()),
    }
