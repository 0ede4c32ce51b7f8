"""Giving a tip, taking it back, and reading what was given."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wetube.cloudcoin import income, ratecards
from wetube.cloudcoin.refusals import ChargeRefused, InsufficientFunds, OverDayCap
from wetube.core.http import SignedInRequest
from wetube.giving import occasions, tips
from wetube.giving.forms import TipForm
from wetube.giving.models import Tip
from wetube.giving.occasions import Occasion
from wetube.people.models import Channel, User

A_PAGE = 25


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tip(request: HttpRequest, handle: str) -> HttpResponse:
    """The form, as a page and inside the watch page's dialog; visitors are asked to sign in."""
    channels = Channel.objects.select_related("owner")
    channel = get_object_or_404(channels, handle=handle.lower())
    user = request.user
    if not isinstance(user, User):
        if request.method == "POST":
            return redirect_to_login(request.get_full_path())
        return render(request, "giving/tip.html", {"channel": channel})
    form = _form(request, user)
    occasion = occasions.find(user, _said(request).get("on", ""))
    refusal = None
    if form.is_valid():
        try:
            given = _give(user, channel, form, occasion)
        except ChargeRefused as refused:
            refusal = refused
        else:
            return redirect("giving:given", given.charge.key)
    context = _context(channel, occasion, form, refusal)
    status = 422 if refusal or form.errors else 200
    return render(request, "giving/tip.html", context, status=status)


@never_cache
@login_required
@require_safe
def given(request: SignedInRequest, key: str) -> HttpResponse:
    """Thanks, and the few minutes in which one may think better of it."""
    mine = _mine(request, key)
    until = tips.undo_until(mine)
    context = {
        "tip": mine,
        "charge": mine.charge,
        "channel": mine.channel,
        "is_undone": hasattr(mine.charge, "refund"),
        "undo_until": until if until > timezone.now() else None,
        "occasion": occasions.find(request.user, mine.occasion),
    }
    return render(request, "giving/given.html", context)


@login_required
@require_POST
def undo(request: SignedInRequest, key: str) -> HttpResponse:
    mine = _mine(request, key)
    try:
        tips.undo(mine)
    except ChargeRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("giving:given", key)


@never_cache
@login_required
@require_safe
def received(request: SignedInRequest) -> HttpResponse:
    """What people gave to one's channels, with their words."""
    page = Paginator(tips.received(request.user), A_PAGE).get_page(request.GET.get("page"))
    sums = next((row for row in income.by_source(request.user) if row.source == "tip"), None)
    context = {"page": page, "sums": sums, "here": "tips"}
    return render(request, "giving/received.html", context)


@login_required
@require_POST
def hide(request: SignedInRequest, key: str) -> HttpResponse:
    tips.hide(_to_me(request, key))
    messages.success(request, _("The note is hidden."))
    return redirect("giving:received")


@login_required
@require_POST
def show(request: SignedInRequest, key: str) -> HttpResponse:
    tips.show(_to_me(request, key))
    return redirect("giving:received")


def _form(request: HttpRequest, user: User) -> TipForm:
    initial = {"on": request.GET.get("on", "")}
    return TipForm(request.POST or None, initial=initial, name=user.display_name)


def _give(user: User, channel: Channel, form: TipForm, occasion: Occasion | None) -> Tip:
    asked = form.cleaned_data
    said = tips.Said(asked["note"], asked["is_named"], occasion)
    return tips.give(user, channel, amount=asked["amount"], reference=asked["reference"], said=said)


def _context(
    channel: Channel, occasion: Occasion | None, form: TipForm, refusal: ChargeRefused | None
) -> dict[str, object]:
    return {
        "channel": channel,
        "occasion": occasion,
        "form": form,
        "refusal": refusal,
        "lacks": refusal if isinstance(refusal, InsufficientFunds) else None,
        "over_day": isinstance(refusal, OverDayCap),
        "percents": _percents(),
        "minutes": int(tips.UNDO_WITHIN.total_seconds() // 60),
    }


def _percents() -> dict[str, float]:
    card = ratecards.current()
    shares = {"payee": card.payee_ppm, "nodes": card.nodes_ppm, "gateway": card.gateway_ppm}
    return {name: ppm / 10_000 for name, ppm in shares.items()}


def _said(request: HttpRequest) -> dict[str, str]:
    return (request.POST or request.GET).dict()


def _mine(request: SignedInRequest, key: str) -> Tip:
    given_by_me = Tip.objects.filter(giver=request.user)
    joined = given_by_me.select_related("channel", "charge__refund", "charge__tab")
    return get_object_or_404(joined, charge__key=key)


def _to_me(request: SignedInRequest, key: str) -> Tip:
    return get_object_or_404(Tip, channel__owner=request.user, charge__key=key)
