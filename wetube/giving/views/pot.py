"""The monthly pot: set it, see how it would be spread, look back."""

from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wetube.cloudcoin.models import Charge
from wetube.cloudcoin.refusals import ChargeRefused
from wetube.core.http import SignedInRequest
from wetube.giving import attention, pots, spreading
from wetube.giving.forms import PotForm
from wetube.giving.models import Pot, PotMonth
from wetube.giving.refusals import NotNoted
from wetube.people.models import Channel, User

A_PAGE = 12


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pot(request: SignedInRequest) -> HttpResponse:
    mine = pots.of(request.user)
    form = PotForm(request.POST or None, initial={"amount": mine.amount} if mine else None)
    if form.is_valid() and _filled(request.user, form):
        messages.success(request, _("Your pot is kept."))
        return redirect("giving:pot")
    context: dict[str, object] = {"form": form, "pot": mine, "here": "pot"}
    if mine:
        months = Paginator(_past(mine), A_PAGE).get_page(request.GET.get("page"))
        plan = spreading.preview(mine) if mine.state == Pot.State.ON else None
        left_out = Channel.objects.filter(pk__in=mine.exclusions.values("channel"))
        context |= {"plan": plan, "months": months, "left_out": left_out}
        context["month"] = pots.first_day()
    return render(request, "giving/pot.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_safe
def month(request: SignedInRequest, name: str) -> HttpResponse:
    """Where one month's coin went, channel by channel."""
    found = get_object_or_404(PotMonth, pot__owner=request.user, month=_first_of(name))
    begins = f"pot:{found.pot.key}:{found.name}:"
    charges = Charge.objects.filter(tab__account__owner=request.user, reference__startswith=begins)
    page = Paginator(charges.order_by("-amount", "pk"), 50).get_page(request.GET.get("page"))
    return render(request, "giving/pot_month.html", {"month": found, "page": page, "here": "pot"})


@login_required
@require_POST
def pause(request: SignedInRequest) -> HttpResponse:
    pots.pause(_own(request))
    return redirect("giving:pot")


@login_required
@require_POST
def resume(request: SignedInRequest) -> HttpResponse:
    pots.resume(_own(request))
    return redirect("giving:pot")


@login_required
@require_POST
def stop(request: SignedInRequest) -> HttpResponse:
    pots.stop(_own(request))
    messages.success(request, _("Your pot is stopped, and what was noted this month is forgotten."))
    return redirect("giving:pot")


@login_required
@require_POST
def exclude(request: SignedInRequest, key: str) -> HttpResponse:
    pots.exclude(_own(request), get_object_or_404(Channel, key=key))
    return redirect("giving:pot")


@login_required
@require_POST
def include(request: SignedInRequest, key: str) -> HttpResponse:
    pots.include(_own(request), get_object_or_404(Channel, key=key))
    return redirect("giving:pot")


@require_POST
def watched(request: HttpRequest) -> HttpResponse:
    """What the player says: so many seconds more."""
    text = request.POST.get("seconds", "")
    seconds = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
    if not isinstance(request.user, User):
        return JsonResponse({"error": _("Nobody is signed in.")}, status=403)
    try:
        noted = attention.note(request.user, request.POST.get("slip", ""), seconds)
    except NotNoted as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    return JsonResponse({"noted": noted})


def _filled(user: User, form: PotForm) -> bool:
    try:
        pots.fill(user, amount=form.cleaned_data["amount"])
    except ChargeRefused as refusal:
        form.add_error("amount", str(refusal))
        return False
    return True


def _past(mine: Pot) -> "QuerySet[PotMonth]":
    return mine.months.filter(month__lt=pots.first_day()).order_by("-month")


def _own(request: SignedInRequest) -> Pot:
    return get_object_or_404(Pot, owner=request.user)


def _first_of(name: str) -> date:
    try:
        return date.fromisoformat(f"{name}-01")
    except ValueError as error:
        raise Http404 from error
