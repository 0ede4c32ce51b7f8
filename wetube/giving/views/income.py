"""What a creator earned, and when it is paid out."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from wetube.cloudcoin import income
from wetube.core.http import SignedInRequest
from wetube.giving import chart, payday, spreadsheet

A_PAGE = 10


@never_cache
@login_required
@require_safe
def earnings(request: SignedInRequest) -> HttpResponse:
    user = request.user
    context = {
        "income": income.of(user),
        "chart": chart.draw(income.by_day(user)),
        "sources": income.by_source(user),
        "earners": income.earners(user),
        "payday": payday.of(user),
        "waiting": payday.waiting(user),
        "past": Paginator(payday.past(user), A_PAGE).get_page(request.GET.get("page")),
        "here": "income",
    }
    return render(request, "giving/income.html", context)


@never_cache
@login_required
@require_safe
def earnings_csv(request: SignedInRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        spreadsheet.of_income(request.user),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="wetube-income.csv"'},
    )
