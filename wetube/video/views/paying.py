"""The till at a film's door."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from wetube.cloudcoin import refusals, till
from wetube.cloudcoin.models import Tab
from wetube.core.http import SignedInRequest
from wetube.video import access, tickets
from wetube.video import paying as tills
from wetube.video.views.watching import JUST_PAID, reachable, ticket_of


@login_required
@require_POST
def pay(request: SignedInRequest, key: str) -> HttpResponse:
    video = reachable(request, key)
    try:
        tills.pay(video, viewer=request.user, agreed=_drops(request.POST.get("price", "")))
    except refusals.InsufficientFunds as refusal:
        context = {"video": video, "refusal": refusal, "price": video.price}
        return render(request, "cloudcoin/insufficient.html", context, status=402)
    except (refusals.ChargeRefused, tills.PriceChanged) as refusal:
        messages.error(request, str(refusal))
    except till.Interrupted:
        messages.error(
            request, _("Something broke while paying. Press once more: nothing is charged twice.")
        )
    else:
        request.session[JUST_PAID] = video.key
    return redirect(video)


@require_POST
def refund(request: HttpRequest, key: str) -> HttpResponse:
    """Whoever paid gets it back to where it came from: signed in, or with the ticket."""
    video = reachable(request, key)
    charge = access.paid(video, request.user, ticket_of(request))
    if charge is None:
        messages.info(request, _("There is no payment to give back."))
        return redirect(video)
    try:
        tills.refund_unplayed(charge, video)
    except (tills.NoRefund, refusals.InsufficientFunds) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your coin is back where it came from."))
    return redirect(video)


@csrf_exempt  # The ticket is the proof; who paid with tokens sends no cookie along.
@require_POST
def refund_tokens(request: HttpRequest, key: str) -> JsonResponse:
    """The key of a paid quote for the tokens that come back: whoever has it mints them.

    Asked again, the answer is the same: it may have been lost.
    """
    video = reachable(request, key)
    charge = tickets.named(ticket_of(request), video)
    if charge is None or charge.tab.kind != Tab.Kind.TOKENS:
        return JsonResponse({"error": _("There is no payment to give back.")}, status=404)
    try:
        quote = tills.refund_unplayed(charge, video)
    except (tills.NoRefund, refusals.InsufficientFunds) as refusal:
        return JsonResponse({"error": str(refusal)}, status=409)
    return JsonResponse({"quote": quote.key if quote else "", "amount": charge.amount})


def _drops(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else -1
