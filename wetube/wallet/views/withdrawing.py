"""Coin out: asked, cancelled, by itself."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from wetube.cloudcoin import ledger
from wetube.cloudcoin.refusals import ChargeRefused
from wetube.core.http import SignedInRequest
from wetube.settlement import payouts, standing, withdrawals
from wetube.settlement.models import Withdrawal
from wetube.wallet.forms import StandingForm, WithdrawForm

NEWEST = 25
PENDING = {Withdrawal.State.ASKED, Withdrawal.State.ROOTED}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: SignedInRequest) -> HttpResponse:
    form = WithdrawForm(request.POST or None)
    if form.is_valid() and _asked(request, form):
        messages.success(
            request, _("Asked. The coin has left your balance and waits for the next payout.")
        )
        return redirect("wallet:withdraw")
    return _page(request, form=form)


@never_cache
@login_required
@require_GET
def going(request: SignedInRequest) -> HttpResponse:
    """What was sent out, as it stands now."""
    return render(request, "wallet/withdrawals.html", _going(request))


@login_required
@require_POST
def cancel(request: SignedInRequest, key: str) -> HttpResponse:
    mine = Withdrawal.objects.filter(account__owner=request.user)
    try:
        withdrawals.cancel(get_object_or_404(mine, key=key))
    except withdrawals.TooLate as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Cancelled. The coin is back in your balance."))
    return redirect("wallet:withdraw")


@login_required
@require_POST
def order(request: SignedInRequest) -> HttpResponse:
    """Have coin sent by itself from now on."""
    form = StandingForm(request.POST, prefix="standing")
    if not form.is_valid():
        return _page(request, standing_form=form)
    standing.order(request.user, **form.cleaned_data)
    messages.success(request, _("From now on your coin goes out by itself."))
    return redirect("wallet:withdraw")


@login_required
@require_POST
def end_order(request: SignedInRequest) -> HttpResponse:
    standing.end(request.user)
    messages.success(request, _("Nothing goes out by itself any more."))
    return redirect("wallet:withdraw")


def _asked(request: SignedInRequest, form: WithdrawForm) -> bool:
    """Whether the coin was asked out; if not, the form says why."""
    wanted = dict(form.cleaned_data)
    reference = f"page:{request.user.key}:{wanted.pop('once')}"
    try:
        withdrawals.ask(request.user, reference=reference, **wanted)
    except ChargeRefused as refusal:
        form.add_error("amount", str(refusal))
        return False
    return True


def _page(
    request: SignedInRequest,
    *,
    form: WithdrawForm | None = None,
    standing_form: StandingForm | None = None,
) -> HttpResponse:
    order = standing.of(request.user)
    now = {name: getattr(order, name) for name in ("threshold", "address", "push")} if order else {}
    context = {
        "account": ledger.account_of(request.user),
        "form": form or WithdrawForm(),
        "standing": order,
        "standing_form": standing_form or StandingForm(prefix="standing", initial=now),
        "least": settings.WITHDRAWAL_MINIMUM_DROPS,
        **_going(request),
    }
    wrong = bool((form and form.errors) or (standing_form and standing_form.errors))
    return render(request, "wallet/withdraw.html", context, status=422 if wrong else 200)


def _going(request: SignedInRequest) -> dict[str, object]:
    mine = Withdrawal.objects.filter(account__owner=request.user).order_by("-asked_at")
    newest = list(mine[:NEWEST])
    pending = any(each.state in PENDING for each in newest)
    return {"withdrawals": newest, "pending": pending, "next_at": payouts.next_at()}
