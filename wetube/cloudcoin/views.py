"""The wallet's pages: balance and limits, history, receipts."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from wetube.cloudcoin import charges, limits, spending
from wetube.cloudcoin.forms import HistoryForm
from wetube.core.http import SignedInRequest

A_PAGE = 25


@never_cache
@login_required
@require_safe
def history(request: SignedInRequest) -> HttpResponse:
    form = HistoryForm(request.GET)
    found = form.narrow(charges.of(request.user)).select_related("tab")
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    asked = {name: value for name, value in request.GET.items() if value and name != "page"}
    query = f"{urlencode(asked)}&" if asked else ""
    context = {"form": form, "page": page, "query": query, "total": charges.total(found)}
    return render(request, "cloudcoin/history.html", context)


@never_cache
@login_required
@require_safe
def history_csv(request: SignedInRequest) -> StreamingHttpResponse:
    found = HistoryForm(request.GET).narrow(charges.of(request.user)).select_related("tab")
    lines = spending.as_csv(found.iterator(chunk_size=500))
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="wetube-spending.csv"'},
    )


@never_cache
@login_required
@require_safe
def receipt(request: SignedInRequest, key: str) -> HttpResponse:
    mine = charges.of(request.user).select_related("ratecard")
    shown = charges.receipt(get_object_or_404(mine, key=key))
    return render(request, "cloudcoin/receipt.html", {"receipt": shown, "charge": shown.charge})


@never_cache
@login_required
@require_safe
def insufficient(request: SignedInRequest) -> HttpResponse:
    """What stands in the way of a price and what to do; nothing does: back to where one was."""
    text, back = request.GET.get("price", ""), _back(request)
    price = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    obstacle = limits.obstacle(request.user, price)
    if obstacle is None:
        return redirect(back or "cloudcoin:wallet")
    context = {"refusal": obstacle, "price": price, "back": back}
    return render(request, "cloudcoin/insufficient.html", context)


def _back(request: HttpRequest) -> str:
    url = request.GET.get("back", "")
    ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    return url if ours else ""
