"""What is declined and why, for everybody; declining, lifting, appealing and answering."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.nodes import refusing, registering
from wetube.nodes.forms import AppealForm, RefusalForm
from wetube.nodes.models import Appeal, Operator, Refusal
from wetube.nodes.views.foreign_lists import A_PAGE, only_the_operator, shown
from wetube.people.models import User

PLAIN = "text/plain; charset=utf-8"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """The gateway's log; its operator adds to it here."""
    is_operator = isinstance(request.user, User) and request.user.is_operator
    form = RefusalForm(request.POST or None)
    if request.method == "POST":
        if not is_operator:
            raise Http404
        if _declined(form):
            messages.success(request, _("It is refused from now on."))
            return redirect("nodes:refused")
    return shown(request, refusal=form)


@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """The gateway's list, signed, for programs and other gateways."""
    return HttpResponse(refusing.published(), content_type=PLAIN)


@require_safe
def denylist(request: HttpRequest) -> HttpResponse:
    """What is refused now, in the form other kinds of gateways take over (IPIP-383)."""
    return HttpResponse(refusing.denylist(), content_type=PLAIN)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def refusal(request: HttpRequest, key: str) -> HttpResponse:
    """One refusal, its appeals and their answers; anyone signed in may appeal once."""
    found = _of_gateway(key)
    form = AppealForm(request.POST or None)
    if request.method == "POST":
        if not isinstance(request.user, User):
            return redirect_to_login(request.get_full_path())
        if form.is_valid():
            try:
                refusing.appeal(found, request.user, says=form.cleaned_data["says"])
            except refusing.AlreadyAppealed as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("The operator of this gateway will read it."))
                return redirect("nodes:refusal", key)
    context = {
        "refusal": found,
        "appeals": found.appeals.order_by("at"),
        "form": form,
        "is_operator": isinstance(request.user, User) and request.user.is_operator,
    }
    return render(request, "nodes/refusal.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def lift(request: SignedInRequest, key: str) -> HttpResponse:
    only_the_operator(request)
    refusing.lift(_of_gateway(key))
    messages.success(request, _("It is refused no more. The log keeps that it was."))
    return redirect("nodes:refusal", key)


@login_required
@require_POST
def answer(request: SignedInRequest, key: str, appeal: str) -> HttpResponse:
    only_the_operator(request)
    made = get_object_or_404(Appeal, key=appeal, refusal=_of_gateway(key))
    refusing.answer(made, says=request.POST.get("says", ""))
    return redirect("nodes:refusal", key)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: SignedInRequest) -> HttpResponse:
    """What one's own nodes decline."""
    operator = registering.operator_of(request.user)
    form = RefusalForm(request.POST or None)
    if request.method == "POST" and _declined(form, operator):
        messages.success(request, _("Your nodes refuse it from now on."))
        return redirect("nodes:own_refusals")
    rows = refusing.standing(operator).order_by("-since", "-pk")
    context = {
        "here": "refusals",
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "nodes/own_refusals.html", context, status=status)


@login_required
@require_safe
def own_published(request: SignedInRequest) -> HttpResponse:
    """One's own list, signed by this gateway, to hand on."""
    operator = registering.operator_of(request.user)
    return HttpResponse(refusing.published(operator), content_type=PLAIN)


@login_required
@require_POST
def own_lift(request: SignedInRequest, key: str) -> HttpResponse:
    operator = registering.operator_of(request.user)
    refusing.lift(get_object_or_404(Refusal, key=key, operator=operator))
    messages.success(request, _("Your nodes refuse it no more."))
    return redirect("nodes:own_refusals")


def _declined(form: RefusalForm, operator: Operator | None = None) -> bool:
    """False with the reason on the form; then nothing was declined."""
    if not form.is_valid():
        return False
    said = form.cleaned_data
    try:
        refusing.decline(said["cid"], reason=said["reason"], operator=operator)
    except refusing.BadCid as error:
        form.add_error("cid", str(error))
    except refusing.NoReason as error:
        form.add_error("reason", str(error))
    return not form.errors


def _of_gateway(key: str) -> Refusal:
    return get_object_or_404(Refusal, key=key, operator=None)
