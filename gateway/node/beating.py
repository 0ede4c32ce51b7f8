"""Heartbeats: tells the gateway what this node offers now, and does what the answer says."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.node import notes, pausing
from gateway.node.failures import NoSuchLease, Unsigned
from gateway.node.leasing import Leasing, is_open
from gateway.node.speaking import GatewayClient, GatewaySaysNo, GatewaySilent, Said
from node_bridge import NodeError
from node_bridge.network import descriptions
from node_bridge.network.descriptions import Description
from node_bridge.network.identity import Identity

USUAL, LEAST, MOST = 60.0, 1.0, 3600.0  # seconds between two heartbeats
SKEW = 30  # seconds by which a clock is wrong, where the gateway says that a time has passed
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
    ended: Callable[[str], object] = bool
    failures: int = 0
    is_known: bool = False  # whether the gateway took a heartbeat of this run

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
                return pausing.FIRST
            return self._refused(refusal)
        self.failures, self.is_known = 0, True
        self._note(_shown(said.get("state", ""), 40), _shown(said.get("why", ""), 300))
        self._obey(said)
        return _pause(said.get("again_in"))

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
        if self.token and not notes.read(self.leasing.book, "state"):
            return self._register()
        try:
            if self.leasing.is_leaving():
                self.gateway.post("/nodes/v1/exit", {})
            return self.gateway.post("/nodes/v1/heartbeat", {"statement": self.statement()})
        except GatewaySaysNo as refusal:
            if not self.token or not is_unknown(refusal):
                raise
        return self._register()

    def _register(self) -> Said:
        logger.info("Registering at %s", self.gateway.url)
        return self.gateway.register(self.statement(), self.token) | {"again_in": LEAST}

    def _refused(self, refusal: GatewaySaysNo) -> float:
        """Ends a node that the gateway never took in this run, for a reason that will not pass;
        one that it took before keeps what it holds, and asks again.
        """
        why = advice(refusal, self.gateway.url)
        self._note("refused", why or f"{refusal.name}: {refusal}")
        if why and not self.is_known:
            self.ended(why)
        return self._wait_longer(why or str(refusal))

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
        self.failures += 1
        wait = pausing.after(self.failures)
        logger.warning("No heartbeat was taken: %s The next is in %d s.", why, wait)
        return wait

    def _note(self, state: str, why: str) -> None:
        if (state, why) != (
            notes.read(self.leasing.book, "state"),
            notes.read(self.leasing.book, "why"),
        ):
            notes.write(self.leasing.book, "state", state)
            notes.write(self.leasing.book, "why", why)
        notes.write(self.leasing.book, "heard", str(int(time.time())))


def is_unknown(refusal: GatewaySaysNo) -> bool:
    """Whether the gateway itself says that it has no such node; what stands before it, a proxy
    that knows no such page, has no word for it.
    """
    return refusal.status == 404 and bool(refusal.name)


def advice(refusal: GatewaySaysNo, url: str) -> str:
    """What to do about a refusal that will not pass by itself; "" for one that may."""
    page = f"{url}/node/set-up/"
    if refusal.name == "Expired" and abs(refusal.skew) > SKEW:
        way = "ahead of" if refusal.skew > 0 else "behind"
        return (
            f"This machine's clock is {abs(refusal.skew):.0f} s {way} the gateway's."
            " Set it right and start again."
        )
    if refusal.name == "UnknownOperator":
        return f"The gateway does not know this token. Say --token with one from {page}"
    if refusal.name in {"Unwelcome", "ForeignNode"}:
        return f"The gateway refuses this node. {refusal.detail}".strip()
    if is_unknown(refusal):
        return f"The gateway does not know this node. Say --token with one from {page}"
    return ""


def _pause(again: object) -> float:
    """Seconds until the next heartbeat, as the gateway wants them and within reason."""
    if not isinstance(again, int | float) or again != again:  # noqa: PLR0124 - nan is no number
        return USUAL
    return float(min(max(again, LEAST), MOST))


def _shown(value: object, most: int) -> str:
    """As much of it as a terminal shows and is not moved by."""
    return "".join(letter for letter in str(value)[:most] if letter.isprintable())


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
