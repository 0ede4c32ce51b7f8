"""Who the gateway is: asked at the first start, and whenever it is said to be elsewhere."""

import logging
import time
from collections.abc import Callable

from gateway.node import pausing
from gateway.node.config import BadConfig, Config
from gateway.node.speaking import GatewayClient, GatewaySilent, GatewayUntrusted
from node_bridge.network.identity import Identity, PeerId

logger = logging.getLogger(__name__)


def known_by(
    config: Config,
    identity: Identity,
    before: Config | None,
    sleep: Callable[[float], object] = time.sleep,
) -> Config:
    """The settings with the gateway's peer id in them.

    A gateway that is away is waited for, unless this folder has worked for it already (`before`).
    Raises BadConfig where another gateway answers, NoGateway, GatewayUntrusted.
    """
    has_moved = before is not None and before.gateway != config.gateway
    if config.gateway_id and not (has_moved and before and before.gateway_id == config.gateway_id):
        return config
    client = GatewayClient(config.gateway, identity, "")
    try:
        peer_id = _asked(client, sleep, patient=not config.gateway_id)
    finally:
        client.close()
    if config.gateway_id and peer_id not in {None, config.gateway_id}:
        raise BadConfig(
            f"Another gateway answers at {config.gateway} than the one this node works for."
            " A node for it needs a folder of its own: --data"
        )
    return config.with_gateway_id(peer_id or config.gateway_id)


def _asked(
    client: GatewayClient, sleep: Callable[[float], object], *, patient: bool
) -> PeerId | None:
    """None when it is away and need not be waited for."""
    failures = 0
    while True:
        try:
            return client.introduce()
        except GatewayUntrusted:
            raise
        except GatewaySilent as silence:
            if not patient:
                return None
            failures += 1
            wait = pausing.after(failures)
            logger.warning("%s It is asked again in %d s.", silence, wait)
            sleep(wait)
