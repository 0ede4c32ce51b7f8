"""Heartbeats: tells the gateway what this node offers now, and does what the answer says."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.node import notes
from gateway.node.failures import NoSuchLease, Unsigned
from gateway.node.leasing import Leasing, is_open
from gateway.node.speaking import GatewayClient, GatewaySaysNo, GatewaySilent, Said
from node_bridge import NodeError
from node_bridge.network import descriptions
from node_bridge.network.descriptions import Description
from node_bridge.network.identity import Identity

USUAL, LONGEST = 60.0, 900.0  # seconds between two heartbeats
LEAST, FIRST_WAIT = 1.0, 5.0
STALE = "StaleStatement"  # somebody else at this node, its operator's check, spoke this second
GONE = "gone"  # the gateway's word for a node that has handed everything over

logger = logging.getLogger(__name__)


@dataclass
class Heartbeat:
    """A chore. What the gateway last said stands in the book, for the status page."""

    leasing: Leasing
    gateway: GatewayClient
    identity: Identity
    certificate: str
    version: str
    token: str = ""
    released: Callable[[], object] = bool
    failures: int = 0

    async def run(self) -> None:
        while True:
            wait = await asyncio.to_thread(self.beat)
            if notes.read(self.leasing.book, "state") == GONE and self.leasing.is_leaving():
                logger.info("The gateway has let this node go")
                self.released()
            await asyncio.sleep(wait)

    def beat(self) -> float:
        """One heartbeat; the answer is the seconds until the next."""
        try:
            said = self.say()
        except GatewaySilent as silence:
            return self._wait_longer(str(silence))
        except GatewaySaysNo as refusal:
            if refusal.name == STALE:
                return FIRST_WAIT
            self._note("refused", f"{refusal.name}: {refusal}")
            return self._wait_longer(str(refusal))
        self.failures = 0
        self._note(str(said.get("state", ""))[:40], str(said.get("why", ""))[:300])
        self._obey(said)
        again = said.get("again_in")
        return max(float(again), LEAST) if isinstance(again, int | float) else USUAL

    def statement(self) -> str:
        """What this node says of itself now, signed."""
        config, space = self.leasing.config, self.leasing.space()
        takes = is_open(config, time.time()) and not self.leasing.is_leaving()
        return descriptions.write(
            Description(
                urls=config.public_urls,
                certificate=self.certificate,
                capacity=config.quota,
                free=min(space.free, config.quota) if takes else 0,
                prices=config.prices,
                bandwidth=config.bandwidth,
                hours=config.hours,
                slots=config.slots,
                payout=config.payout,
                version=self.version,
            ),
            self.identity,
            gateway=self.gateway.peer_id,
            now=time.time(),
        )

    def say(self) -> Said:
        """One heartbeat and its answer; a gateway that does not know the node is told whose it is.

        Raises GatewaySilent, GatewaySaysNo.
        """
        try:
            if self.leasing.is_leaving():
                self.gateway.post("/nodes/v1/exit", {})
            return self.gateway.post("/nodes/v1/heartbeat", {"statement": self.statement()})
        except GatewaySaysNo as refusal:
            if refusal.status != 404 or not self.token:
                raise
        logger.info("Registering at %s", self.gateway.url)
        return self.gateway.register(self.statement(), self.token) | {"again_in": LEAST}

    def _obey(self, said: Said) -> None:
        """Leases that go on, and leases that may go."""
        for statement in _texts(said.get("leases")):
            try:
                self.leasing.renew(statement)
            except (Unsigned, NoSuchLease, NodeError) as error:
                logger.warning("A renewed lease was not taken: %s", error)
        for serial in _texts(said.get("drop")):
            self.leasing.end(serial)

    def _wait_longer(self, why: str) -> float:
        """Twice as long each time, and not all nodes at the same moment."""
        self.failures += 1
        wait: float = min(FIRST_WAIT * 2 ** min(self.failures, 10), LONGEST)
        logger.warning("No heartbeat (%s); the next in about %d s", why, wait)
        return wait * random.uniform(0.7, 1.3)  # noqa: S311 - spreads load, no secret

    def _note(self, state: str, why: str) -> None:
        if (state, why) != (
            notes.read(self.leasing.book, "state"),
            notes.read(self.leasing.book, "why"),
        ):
            notes.write(self.leasing.book, "state", state)
            notes.write(self.leasing.book, "why", why)
        notes.write(self.leasing.book, "heard", str(int(time.time())))


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
