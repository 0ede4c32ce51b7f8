"""/node/: what one's nodes earn, how they stand, and how one joins or leaves with one."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from wetube.core.http import SignedInRequest
from wetube.core.states import TransitionRefused
from wetube.nodes import drawing, earnings, overview, presence, registering, reputation
from wetube.nodes.models import Audit, Job, Lease, Node

A_PAGE = 20
AUDITS, LEASES, JOBS = 20, 20, 10  # of a node, the newest, on its page
LEAVABLE = (Node.State.JOINING, Node.State.ACTIVE, Node.State.SUSPECT)


@never_cache
@login_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """One balance, earnings by task and day, the machines, what was paid and when."""
    user = request.user
    context = {
        "here": "home",
        "sums": overview.sums(user),
        "chart": drawing.draw(earnings.by_day(user)),
        "machines": overview.machines(user),
        "paid": Paginator(overview.payments(user), A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "nodes/home.html", context)


@never_cache
@login_required
@require_safe
def set_up(request: SignedInRequest) -> HttpResponse:
    """How a machine becomes a node."""
    operator = registering.operator_of(request.user)
    context = {"here": "set_up", "operator": operator, "gateway": settings.SITE_URL}
    return render(request, "nodes/set_up.html", context)


@never_cache
@login_required
@require_POST
def new_token(request: SignedInRequest) -> HttpResponse:
    """The secret is in this one answer and nowhere else."""
    secret = registering.new_token(request.user)
    context = {"here": "set_up", "secret": secret, "gateway": settings.SITE_URL}
    return render(request, "nodes/token_made.html", context, status=201)


@login_required
@require_POST
def forget_token(request: SignedInRequest) -> HttpResponse:
    registering.forget_token(request.user)
    messages.success(request, _("The token is revoked. Your nodes stay."))
    return redirect("nodes:set_up")


@never_cache
@login_required
@require_safe
def node(request: SignedInRequest, key: str) -> HttpResponse:
    """One machine: its disk, proofs, reputation, leases, work and pay."""
    mine = _mine(request, key)
    context = {
        "here": "home",
        "machine": overview.machine(mine),
        "node": mine,
        "enough": reputation.ENOUGH,
        "can_leave": mine.state in LEAVABLE,
        "audits": Audit.objects.filter(node=mine).order_by("-asked")[:AUDITS],
        "leases": Lease.objects.filter(node=mine).order_by("-state_since")[:LEASES],
        "jobs": Job.objects.filter(node=mine).order_by("-created")[:JOBS],
        "paid": Paginator(overview.payments(request.user, mine), A_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    return render(request, "nodes/node.html", context)


@login_required
@require_POST
def leave(request: SignedInRequest, key: str) -> HttpResponse:
    """Go in good order: what the node keeps is copied elsewhere first."""
    mine = _mine(request, key)
    try:
        presence.leave(mine)
    except TransitionRefused:
        messages.error(request, _("This node cannot leave in good order now."))
    else:
        messages.success(
            request, _("The node leaves. Keep it running until everything it keeps lies elsewhere.")
        )
    return redirect("nodes:node", mine.key)


def _mine(request: SignedInRequest, key: str) -> Node:
    found = Node.objects.filter(operator__user=request.user, key=key).first()
    if found is None:
        raise Http404
    return found
