"""A wallet made in the page: the key is the person's alone, we pass on what it signs."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from wetube.cloudcoin import ledger
from wetube.core.http import SignedInRequest
from wetube.settlement import payouts, topping_up
from wetube.wallet import sending, terms
from wetube.wallet.forms import WithdrawForm
from wetube.wallet.views.answers import spoken


@never_cache
@login_required
@require_safe
def own(request: SignedInRequest) -> HttpResponse:
    chain = terms.current()
    context = {
        "account": ledger.account_of(request.user),
        "chain": chain,
        "rpc": terms.rpc_url(),
        "form": WithdrawForm(),
        "next_at": payouts.next_at(),
        "address_here": topping_up.address_of(request.user) if chain else "",
    }
    return render(request, "wallet/own.html", context)


@login_required
@require_POST
@spoken
def send(request: SignedInRequest, said: dict[str, Any]) -> HttpResponse:
    sending.ask(request.user, said)
    return JsonResponse({}, status=202)
