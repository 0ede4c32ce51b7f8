"""Pages of settlement: the operator's view of the coin, and proofs for everybody."""

import json
from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wetube.chain import deployment
from wetube.core.http import SignedInRequest
from wetube.core.later import after_commit
from wetube.settlement import destinations, overview, proofs, rooting, tasks
from wetube.settlement.destinations import NotAnAddress
from wetube.settlement.models import PayoutRoot
from wetube.settlement.proofs import NotInThisPayout


@login_required
@require_safe
def money(request: SignedInRequest) -> HttpResponse:
    """For the operator; to others it does not exist."""
    _only_operators(request)
    return render(request, "settlement/money.html", {"money": overview.look()})


@login_required
@require_POST
def check_now(request: SignedInRequest) -> HttpResponse:
    """A worker does it; the page shows the result when it is there."""
    _only_operators(request)
    after_commit(tasks.reconcile)
    messages.success(request, _("The check has begun. Load this page again in a moment."))
    return redirect("settlement:money")


@require_safe
def payout(request: HttpRequest, seq: int) -> HttpResponse | StreamingHttpResponse:
    """A payout root with all its leaves, or with `?address=` one leaf and its proof.

    With the leaves anyone can build the same tree (OpenZeppelin's StandardMerkleTree of address
    and uint256), see that the root is right, and claim for anybody.
    """
    root = get_object_or_404(PayoutRoot.objects.exclude(root=""), seq=seq)
    asked = request.GET.get("address")
    if asked is not None:
        return _one(root, asked)
    answer = StreamingHttpResponse(_lines(root), content_type="application/json")
    answer["Cache-Control"] = "public, max-age=86400"
    return answer


def _one(root: PayoutRoot, asked: str) -> JsonResponse:
    try:
        claim = proofs.of(root).claim(destinations.parse(asked))
    except NotAnAddress as error:
        return JsonResponse({"detail": str(error)}, status=400)
    except NotInThisPayout:
        return JsonResponse({"detail": _("This payout owes this address nothing.")}, status=404)
    proof = [f"0x{sibling.hex()}" for sibling in claim.proof]
    leaf = {"address": claim.address, "cumulative": str(claim.cumulative), "proof": proof}
    return JsonResponse({**_head(root), **leaf})


def _lines(root: PayoutRoot) -> Iterator[str]:
    """Amounts as text: they may be more than a browser's numbers hold."""
    yield json.dumps(_head(root))[:-1] + ', "leaves": ['
    for place, (address, drops) in enumerate(rooting.leaves_of(root)):
        yield ("," if place else "") + json.dumps([address, str(drops)])
    yield "]}\n"


def _head(root: PayoutRoot) -> dict[str, object]:
    place = deployment.current()
    where = {"chainId": place.chain_id, "vault": place.vault, "token": place.token} if place else {}
    return {**where, "seq": root.seq, "root": root.root, "total": str(root.total)}


def _only_operators(request: SignedInRequest) -> None:
    if not request.user.is_operator:
        raise Http404
