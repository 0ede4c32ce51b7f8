"""Coin in: by a transfer to one's own address, or locked behind a tab from a wallet."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account
from wetube.core.http import SignedInRequest
from wetube.settlement import topping_up
from wetube.wallet import arrivals, qr_codes, terms


@never_cache
@login_required
@require_safe
def top_up(request: SignedInRequest) -> HttpResponse:
    """The three ways, those that work here."""
    account = ledger.account_of(request.user)
    chain = terms.current()
    address = topping_up.address_of(request.user) if chain else ""
    context = {
        **_arrivals(account, address),
        "chain": chain,
        "address": address,
        "qr": qr_codes.svg(address) if address else "",
        "rpc": terms.rpc_url(),
        "grant": settings.DEMO_GRANT_DROPS,
    }
    return render(request, "wallet/top_up.html", context)


@never_cache
@login_required
@require_safe
def arriving(request: SignedInRequest) -> HttpResponse:
    """The transfers alone: the page asks again every few seconds."""
    account = ledger.account_of(request.user)
    address = topping_up.address_of(request.user) if terms.current() else ""
    return render(request, "wallet/arrivals.html", _arrivals(account, address))


def _arrivals(account: Account, address: str) -> dict[str, object]:
    found = arrivals.of(account, address) if address else []
    return {"account": account, "arrivals": found}
