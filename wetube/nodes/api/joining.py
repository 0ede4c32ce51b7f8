"""Coming, staying and going: registering, heartbeats, a graceful exit."""

from dataclasses import asdict

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from wetube.nodes import heartbeats, identity, market, registering
from wetube.nodes.api import door
from wetube.nodes.api.door import Said


@require_safe
def gateway(request: HttpRequest) -> JsonResponse:
    """Whom nodes sign for here, and what nodes ask now: for those who think of joining."""
    prices = asdict(market.now())
    in_use = prices.pop("in_use")
    said = {"peer_id": identity.own().peer_id, "prices": prices, "in_use": in_use}
    return JsonResponse(said)


@door.plain
def nodes(said: Said) -> JsonResponse:
    """Register: {"statement": wt-node, "token": the operator's}."""
    node = registering.register(door.text(said, "statement"), token=door.text(said, "token"))
    return JsonResponse({"key": node.key, "state": node.state}, status=201)


@door.signed
def heartbeat(peer_id: str, said: Said) -> JsonResponse:
    """A sign of life: {"statement": wt-node}."""
    return JsonResponse(asdict(heartbeats.take(peer_id, door.text(said, "statement"))))


@door.signed
def leave(peer_id: str, said: Said) -> JsonResponse:
    """Go in good order: {}."""
    return JsonResponse({"state": heartbeats.leave(peer_id)})
