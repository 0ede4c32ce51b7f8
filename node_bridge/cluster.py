"""Keeping content on several Kubos: the book of pins of an ipfs-cluster, over its REST API.

Each pin is a tag (node_bridge/kubo_pins.py), and says itself how many copies
there are to be: a cluster's own answer is "everywhere". Whether copies are made
anew when a peer is gone is for its peers' service.json to say
(`disable_repinning: false`; the default is no), which this API does not show.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from node_bridge import cid
from node_bridge.cid import Cid
from node_bridge.engine import Pin
from node_bridge.errors import BadCid, EngineDown, NotFound
from node_bridge.kubo_pins import read_date, read_tag, tag
from node_bridge.kubo_rpc import MAX_WORDS, Options, Patience, Reply, values
from node_bridge.trailers import BrokeOff, TrailerTransport

CREATED = "wetube-created"  # the entry of a pin's metadata: the cluster's own date moves
LOOK_AGAIN = 0.1  # seconds
RECOVERING = 1.0  # seconds for a peer to try again what it failed at


@dataclass(frozen=True, slots=True)
class Copies:
    """How many peers are to keep a content: never fewer than `least`, `most` where there is room.

    wait: seconds that a pin waits until the least are made
    """

    least: int = 2
    most: int = 3
    wait: float = 60.0

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.most:
            raise ValueError("A cluster keeps at least one copy, and no fewer than the least.")


@dataclass(frozen=True, slots=True)
class Status:
    """Who is to keep a content, and how each peer of the cluster stands to it.

    peers: ipfs-cluster's word by peer id, such as pinned, pinning, pin_error or remote
    """

    allocations: tuple[str, ...]
    peers: dict[str, str]

    @property
    def copies(self) -> int:
        return sum(state == "pinned" for state in self.peers.values())


class ClusterPins:
    """A book of pins for a KuboEngine: `url` is the REST API of a cluster, `token` opens it."""

    def __init__(
        self,
        url: str,
        copies: Copies | None = None,
        *,
        token: str = "",
        patience: Patience | None = None,
    ) -> None:
        patience = patience or Patience()
        self._copies = copies or Copies()
        self._client = httpx.Client(
            base_url=url,
            transport=TrailerTransport(),
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(patience.read, connect=patience.connect),
            trust_env=False,
        )

    def keep(self, cid: Cid, name: str) -> tuple[Pin, bool]:
        """Raises EngineDown when there are too few copies in time; the cluster goes on."""
        key = _tag(cid, name)
        known = self.find(cid, name)
        pin = known[0] if known else Pin(cid, name, datetime.now(UTC))
        if not known:
            self._one(
                "POST",
                f"pins/{key}",
                name=name,
                mode="recursive",
                replication_min=self._copies.least,
                replication_max=self._copies.most,
                **{f"meta-{CREATED}": pin.created.isoformat()},
            )
        self._wait_for(key)
        return pin, not known

    def drop(self, cid: Cid, name: str | None) -> None:
        for pin in self.find(cid, name):
            self._one("DELETE", f"pins/{_tag(cid, pin.name)}")

    def find(self, cid: Cid | None = None, name: str | None = None) -> list[Pin]:
        try:
            one = f"/{_tag(cid, name)}" if cid is not None and name is not None else ""
            replies = list(self._ask("GET", f"allocations{one}"))
        except NotFound:  # asked for one that is not in the set
            return []
        pins = [pin for pin in map(_pin, replies) if pin is not None]
        wanted = [pin for pin in pins if cid in {None, pin.cid} and name in {None, pin.name}]
        return sorted(wanted, key=lambda pin: (pin.created, pin.cid, pin.name))

    def status(self, cid: Cid, name: str) -> Status:
        """Raises NotFound for what is not pinned."""
        key = _tag(cid, name)
        allocations = self._one("GET", f"allocations/{key}").get("allocations") or ()
        peers = self._one("GET", f"pins/{key}").get("peer_map") or {}
        return Status(
            tuple(map(str, allocations)),
            {str(peer): str(state.get("status")) for peer, state in peers.items()},
        )

    def recover(self, cid: Cid, name: str) -> None:
        """Ask every peer to try again what it failed at."""
        self._one("POST", f"pins/{_tag(cid, name)}/recover")

    def peers(self) -> list[str]:
        """The ids of the peers that can be reached."""
        return [str(peer["id"]) for peer in self._ask("GET", "peers") if not peer.get("error")]

    def close(self) -> None:
        self._client.close()

    def _wait_for(self, key: str) -> None:
        deadline = time.monotonic() + self._copies.wait
        while True:
            peers = (self._one("GET", f"pins/{key}").get("peer_map") or {}).values()
            copies = sum(peer.get("status") == "pinned" for peer in peers)
            if copies >= self._copies.least:
                return
            if time.monotonic() > deadline:
                said = {str(peer.get("error")) for peer in peers if peer.get("error")}
                raise EngineDown(
                    f"The cluster has made {copies} of {self._copies.least} copies so far."
                    f" {'; '.join(said)[:MAX_WORDS]}"
                )
            if any(peer.get("status") == "pin_error" for peer in peers):
                self._one("POST", f"pins/{key}/recover")
                time.sleep(RECOVERING)
            time.sleep(LOOK_AGAIN)

    def _one(self, method: str, path: str, **options: Options) -> Reply:
        return next(iter(list(self._ask(method, path, **options))), {})

    def _ask(self, method: str, path: str, **options: Options) -> Iterator[Reply]:
        params = {name.replace("_", "-"): str(value) for name, value in options.items()}
        try:
            with self._client.stream(method, path, params=params) as answer:
                if answer.status_code not in {200, 202, 204}:
                    raise _refusal(answer.status_code, b"".join(answer.iter_raw()))
                yield from values(answer.iter_raw())
        except BrokeOff as error:
            raise EngineDown(f"The cluster says: {str(error)[:MAX_WORDS]}") from error


def _refusal(status: int, words: bytes) -> NotFound | EngineDown:
    if status == 404:
        return NotFound("The cluster does not keep this.")
    if status in {401, 403}:
        return EngineDown("The cluster refuses us: CLUSTER_TOKEN is not what it wants.")
    said = words[:MAX_WORDS].decode(errors="replace").strip()
    return EngineDown(f"The cluster answers {status}: {said}")


def _tag(text: Cid, name: str) -> str:
    return str(tag(cid.parse(text), name))


def _pin(reply: Reply) -> Pin | None:
    try:
        tagged = read_tag(cid.parse(str(reply.get("cid", ""))))
    except BadCid:  # of a hash that only others understand
        return None
    created = read_date(str((reply.get("metadata") or {}).get(CREATED)))
    return Pin(*tagged, created) if tagged else None
