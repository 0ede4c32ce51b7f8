"""What nodes hand in to be paid: receipts of clients, debts of other nodes."""

from django.http import JsonResponse

from wetube.nodes import debts, receipts
from wetube.nodes.api import door
from wetube.nodes.api.door import BadBody, Said
from wetube.nodes.models import Node


@door.signed
def take_receipts(peer_id: str, said: Said) -> JsonResponse:
    """{"receipts": [wt-receipt…]}; a verdict on each, in the same order."""
    tokens = said.get("receipts")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise BadBody("The body holds a list of receipts.")
    if len(tokens) > receipts.MOST:
        raise BadBody(f"At most {receipts.MOST} receipts are taken at once.")
    node = Node.objects.select_related("operator").get(peer_id=peer_id)
    verdicts = [
        {
            "serial": verdict.serial,
            "bytes": verdict.size,
            "reason": verdict.reason,
            "detail": verdict.sentence,
        }
        for verdict in receipts.take(node, tokens)
    ]
    return JsonResponse({"receipts": verdicts})


@door.signed
def take_debt(peer_id: str, said: Said) -> JsonResponse:
    """{"debt": wt-debt}; the drops that count now, in all."""
    creditor = Node.objects.select_related("operator").get(peer_id=peer_id)
    debt = debts.accept(creditor, door.text(said, "debt"))
    return JsonResponse({"total": debt.total, "settled": debt.settled})
