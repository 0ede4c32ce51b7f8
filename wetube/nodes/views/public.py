"""What anybody may know of the network: its nodes, what they offer, how they keep their word."""

from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from wetube.nodes.models import Lease, Node, Placement

A_PAGE = 50
SHOWN = (Node.State.ACTIVE, Node.State.LEAVING, Node.State.SUSPECT)


@require_safe
def nodes(request: HttpRequest) -> HttpResponse:
    """Nodes that are there or were a moment ago; whose they are is not said."""
    there = Node.objects.filter(state__in=SHOWN)
    held = Count("leases", filter=Q(leases__state=Lease.State.HELD))
    rows = there.annotate(held=held).order_by("-alpha", "pk")
    sums = there.aggregate(
        capacity=Sum("capacity", default=0),
        free=Sum("free", default=0),
        slots=Sum("slots", default=0),
    )
    kept = Placement.objects.standing()
    context = {
        "page": Paginator(rows, A_PAGE).get_page(request.GET.get("page")),
        "count": there.count(),
        "operators": there.values("operator").distinct().count(),
        "sums": sums,
        "kept": kept.count(),
        "kept_bytes": kept.aggregate(size=Sum("size", default=0))["size"],
    }
    return render(request, "nodes/nodes.html", context)
