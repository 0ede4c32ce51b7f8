"""Computation: the node asks its gateway for work, does it in a process of its own, returns it.

The node always asks, so this works behind any router. While it works it gives signs of life; when
the gateway does not want the job from it any more, it stops at once. A result stays here until the
gateway has judged it, and is brought there when the gateway cannot fetch it.
"""

import asyncio
import contextlib
import json
import logging
import random
import shutil
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

from gateway.node import job_delivery, job_orders, job_process, job_sources
from gateway.node.job_delivery import Delivery, NotTaken
from gateway.node.job_orders import Bounds, Declined, Order
from gateway.node.job_process import CannotWork, Failed
from gateway.node.job_sources import SourceFailed, Sources
from gateway.node.leasing import Leasing, is_open
from gateway.node.space import SPARE
from gateway.node.speaking import GatewayClient, GatewaySaysNo, GatewaySilent, Said
from gateway.node.throttle import UNBOUND, Throttles
from node_bridge import Cid, NodeError
from node_bridge.network.connections import Connections

PIN = "job:"
FOLDER = "jobs"
IDLE = 10.0  # seconds between two askings, where the gateway says nothing
SLOW = 300.0  # seconds before asking again where this node may not work
OVER = {"accepted", "refused", "lost", "withdrawn"}

logger = logging.getLogger(__name__)


class JobOver(Exception):
    """The gateway does not want the job from this node any more."""


@dataclass
class Jobs:
    """A chore: `slots` jobs at a time, within the node's hours."""

    leasing: Leasing
    gateway: GatewayClient
    program: Sequence[str] = job_process.ENCODER
    able: frozenset[str] = frozenset()
    fractions: dict[str, float] = field(default_factory=dict)
    throttles: Throttles = UNBOUND
    stop: Event = field(default_factory=Event)

    async def run(self) -> None:
        slots = self.leasing.config.slots
        if slots and not self.able:
            self.able = await self._able()
        if not slots or not self.able:
            await asyncio.Event().wait()
        await asyncio.to_thread(self._tidy)
        guard = self.leasing.config.guard
        self.stop.clear()
        receives = self.throttles.receives
        sources = Sources(self._folder / "sources", self.leasing.store, guard, receives)
        workers = [asyncio.ensure_future(self._work(sources)) for _ in range(slots)]
        try:
            await asyncio.gather(*workers)
        finally:
            self.stop.set()
            for worker in workers:
                if not worker.cancelling():  # a second time would cut its tidying short
                    worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            sources.close()

    @property
    def _folder(self) -> Path:
        return self.leasing.config.folder / FOLDER

    async def _able(self) -> frozenset[str]:
        try:
            return frozenset({await job_process.skill(self.program)})
        except (CannotWork, OSError) as error:
            logger.warning("This node takes no jobs, as it cannot encode: %s", error)
            return frozenset()

    def _tidy(self) -> None:
        """What a crash left: nobody waits for that work any more."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, mode=0o700)
        for pin in list(self.leasing.store.pins()):
            if pin.name.startswith(PIN):
                self.leasing.store.unpin(pin.cid, name=pin.name)

    async def _work(self, sources: Sources) -> None:
        while True:
            wait = await self._take_and_do(sources)
            await asyncio.sleep(wait * random.uniform(0.7, 1.3))  # noqa: S311 - spreads load

    async def _take_and_do(self, sources: Sources) -> float:
        """One job, if there is one; seconds until the next asking."""
        if self.leasing.is_leaving() or not is_open(self.leasing.config, time.time()):
            return IDLE
        bounds = await asyncio.to_thread(self._bounds)
        try:
            said = await self._say("take", able=sorted(bounds.able), most_source=bounds.most_source)
        except GatewaySilent:
            return 6 * IDLE
        except GatewaySaysNo as refusal:
            logger.info("No work: %s", refusal)
            return SLOW if refusal.name == "Unwelcome" else IDLE
        job = said.get("job")
        if isinstance(job, dict):
            await self._do(job, bounds, sources)
            return 0.0
        again = said.get("again_in")
        return min(max(float(again), 1.0), SLOW) if isinstance(again, int | float) else IDLE

    def _bounds(self) -> Bounds:
        free = max(self.leasing.space().disk_free - SPARE, 0)
        prices = self.leasing.config.prices
        return Bounds(self.able, most_source=free // 2, most_result=free // 4, prices=prices)

    async def _do(self, said: Said, bounds: Bounds, sources: Sources) -> None:
        """Whatever comes of it, the gateway hears of it or learns it by our silence."""
        try:
            key = job_orders.key_of(said)
        except Declined as error:
            logger.warning("A job without a name: %s", error)
            return
        self.fractions[key] = 0.0
        try:
            order = job_orders.read(said, bounds, self.leasing.config.guard)
            await self._while_wanted(order, self._make(order, sources))
        except JobOver as over:
            logger.info("Job %s is over: %s", key, over)
        except (Declined, SourceFailed, Failed, NodeError, OSError) as error:
            await self._give_up(key, str(error))
        except asyncio.CancelledError:
            await asyncio.shield(self._give_up(key, "This node is stopping."))
            raise
        finally:
            self.fractions.pop(key, None)
            await asyncio.to_thread(shutil.rmtree, self._folder / key, ignore_errors=True)

    async def _while_wanted(self, order: Order, work: Awaitable[None]) -> None:
        """Give signs of life while the work goes on; raises JobOver when it is not wanted."""
        making = asyncio.ensure_future(work)
        try:
            while not making.done():
                await asyncio.wait({making}, timeout=order.lease / 3)
                if not making.done():
                    await self._renew(order)
            await making
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)

    async def _renew(self, order: Order) -> Said:
        """How the job stands; {} when the gateway is silent, which alone ends nothing."""
        try:
            return await self._say(
                "renew", job=order.key, fraction=self.fractions.get(order.key, 0.0)
            )
        except GatewaySilent:
            return {}
        except GatewaySaysNo as refusal:
            raise JobOver(str(refusal)) from refusal

    async def _make(self, order: Order, sources: Sources) -> None:
        """Encode it, return it, and keep it here until it is judged."""
        folder = self._folder / order.key
        await asyncio.to_thread(_write_order, order, folder)
        job_sources.check_room(
            order, self._folder / "sources", self.leasing.space().disk_free - SPARE
        )

        def on_fraction(fraction: float) -> None:
            self.fractions[order.key] = fraction

        async with sources.using(order) as source:
            paths = (folder / "order.json", source, folder / "made")
            made = await job_process.encode(paths, on_fraction, self.program)
        root, size = await asyncio.to_thread(self._store, order, folder / "made", made)
        try:
            await self._return(order, root, size)
        finally:
            await asyncio.to_thread(self.leasing.store.unpin, root, name=f"{PIN}{order.key}")

    def _store(self, order: Order, folder: Path, made: Said) -> tuple[Cid, int]:
        """Put the files into the store as one folder; its CID and their bytes."""
        place = folder / Path(str(made.get("folder", ""))).name
        files, size = {}, 0
        for path in sorted(place.iterdir()):
            with path.open("rb") as file:
                added = self.leasing.store.add(file)
            files[path.name] = added.cid
            size += added.size
        if size > order.most_bytes:
            raise Failed("The result is heavier than the job allows.")
        root = self.leasing.store.add_dir(files, pin=f"{PIN}{order.key}").cid
        shutil.rmtree(folder, ignore_errors=True)
        return root, size

    async def _return(self, order: Order, root: Cid, size: int) -> None:
        """Say that it is done, and wait until it is judged; raises JobOver."""
        stands = await self._say_until_heard(order, root, size)
        while stands.get("state") not in OVER:
            if stands.get("bring"):
                await self._bring(order, root, stands["bring"])
            await asyncio.sleep(order.lease / 6)
            stands = await self._renew(order)
        logger.info("Job %s is %s %s", order.key, stands.get("state"), stands.get("why", ""))

    async def _say_until_heard(self, order: Order, root: Cid, size: int) -> Said:
        until = time.monotonic() + order.patience
        while True:
            try:
                return await self._say("return", job=order.key, cid=root, size=size)
            except GatewaySaysNo as refusal:
                raise JobOver(str(refusal)) from refusal
            except GatewaySilent as silence:
                if time.monotonic() > until:
                    raise JobOver(str(silence)) from silence
            await asyncio.sleep(order.lease / 6)

    async def _bring(self, order: Order, root: Cid, url: object) -> None:
        """Nobody could fetch it from here: carry it there. What fails is tried again."""
        try:
            await asyncio.to_thread(self._carry, order, root, url)
        except (NotTaken, NodeError) as error:
            logger.info("Job %s could not be brought: %s", order.key, error)

    def _carry(self, order: Order, root: Cid, url: object) -> None:
        guard = self.leasing.config.guard
        connections = Connections(guard)
        path = self._folder / order.key / "result.car"
        try:
            delivery = Delivery.to(url, guard, connections)
            archive = job_delivery.pack(self.leasing.store, root, path)
            delivery.bring(archive, f"job-{order.key}", self._sending)
        finally:
            connections.close()

    def _sending(self, size: int) -> None:
        self.throttles.sends.wait(size, self.stop)

    async def _give_up(self, key: str, why: str) -> None:
        logger.warning("Job %s is given up: %s", key, why)
        with contextlib.suppress(GatewaySilent, GatewaySaysNo):
            await self._say("give-up", job=key, why=why[:200])

    async def _say(self, verb: str, **said: Any) -> Said:
        return await asyncio.to_thread(self.gateway.post, f"/nodes/v1/jobs/{verb}", said)


def _write_order(order: Order, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "order.json").write_text(json.dumps(order.spec))
