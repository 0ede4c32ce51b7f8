"""The private wallet, the page where a quote is paid, and the mint's public page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from wetube.cloudcoin import ledger
from wetube.core.http import SignedInRequest
from wetube.tokens import liability, quotes, texts
from wetube.tokens.denominations import DENOMINATIONS
from wetube.tokens.models import Keyset, Quote
from wetube.tokens.refusals import TokenRefused, UnknownQuote

REFUSALS = (TokenRefused, quotes.InsufficientFunds)


@never_cache
@require_safe
def private(request: HttpRequest) -> HttpResponse:
    """The wallet of tokens, which this browser keeps and nobody else; visitors have one, too."""
    account = ledger.account_of(request.user) if request.user.is_authenticated else None
    return render(
        request, "tokens/private.html", {"account": account, "mint_url": texts.mint_url()}
    )


@never_cache
@login_required
@require_safe
def pay(request: SignedInRequest, key: str) -> HttpResponse:
    """What a quote costs, before the press that pays it."""
    return render(request, "tokens/pay.html", {"quote": _quote(key)})


@login_required
@require_POST
def pay_now(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        quotes.pay(_quote(key), payer=request.user)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Paid. Your wallet can take its tokens now."))
    return redirect("tokens:pay", key=key)


@login_required
@require_POST
def buy(request: SignedInRequest, key: str) -> JsonResponse:
    """The same for the page's own wallet, which goes on by itself."""
    try:
        quote = quotes.pay(_quote(key), payer=request.user)
    except REFUSALS as refusal:
        return JsonResponse({"error": str(refusal)}, status=409)
    return JsonResponse({"quote": quote.key, "state": quote.state})


@require_safe
def mint(request: HttpRequest) -> HttpResponse:
    """What the mint owes, and by which keys; for everybody."""
    context = {
        "owed": liability.look(),
        "keysets": Keyset.objects.order_by("-number"),
        "mint_url": texts.mint_url(),
        "sizes": DENOMINATIONS,
    }
    return render(request, "tokens/mint.html", context)


def _quote(key: str) -> Quote:
    try:
        return quotes.of(key)
    except UnknownQuote as refusal:
        raise Http404(str(refusal)) from refusal
