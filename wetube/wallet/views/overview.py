"""The wallet itself: what one has and where it is."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from wetube.chain import deployment
from wetube.cloudcoin import caps, charges, ledger, statement
from wetube.cloudcoin.forms import CapsForm
from wetube.core.http import SignedInRequest
from wetube.wallet import whereabouts

NEWEST = 5


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def overview(request: SignedInRequest) -> HttpResponse:
    """The whole wallet; a POST changes the limits."""
    account = ledger.account_of(request.user)
    now = {"per_view": account.tab.per_view_cap, "per_day": account.tab.per_day_cap}
    form = CapsForm(request.POST or None, initial=now)
    if form.is_valid():
        caps.limit(request.user, **form.cleaned_data)
        messages.success(request, _("Your limits are kept."))
        return redirect("wallet:overview")
    context = {
        "account": account,
        "coin": whereabouts.of(request.user, account),
        "chain": deployment.current(),
        "spent_today": caps.spent_today(account.tab),
        "form": form,
        "statement": statement.of(account),
        "newest": charges.of(request.user).select_related("tab")[:NEWEST],
    }
    return render(request, "wallet/overview.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_safe
def waiting(request: SignedInRequest) -> HttpResponse:
    """What waits, alone: a page that shows it asks again while something does."""
    account = ledger.account_of(request.user)
    context = {"account": account, "coin": whereabouts.of(request.user, account)}
    return render(request, "wallet/waiting.html", context)
