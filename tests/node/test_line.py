"""The line is measured with few bytes where it is slow, with many where it is fast, and told."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from gateway.node import benchmark, line
from gateway.node.benchmark import Speeds
from gateway.node.config import Config
from gateway.node.line import Line
from gateway.node.speaking import GatewayClient, GatewaySaysNo, GatewaySilent
from node_bridge.network.descriptions import Prices
from node_bridge.network.identity import Identity
from tests.node import fake_gateway
from tests.node.fake_gateway import Gateway

MBIT = 125_000  # bytes a second


class Cable:
    """A gateway at the end of a line: so many bytes a second up and down, and a way there."""

    peer_id = "gateway"

    def __init__(self, up: float, down: float, way: float = 0.04) -> None:
        self.up, self.down, self.way = up, down, way
        self.now = 0.0
        self.moved = 0

    def clock(self) -> float:
        return self.now

    def exchange(
        self,
        path: str,
        *,
        size: int,
        body: Iterable[bytes] = (),
        length: int = 0,
        enough: Callable[[], bool] = bool,
    ) -> int:
        self.now += self.way
        for piece in body:
            self._move(len(piece), self.up)
        came = 0
        while came < size and not enough():
            came += 16 << 10
            self._move(16 << 10, self.down)
        return came

    def _move(self, size: int, rate: float) -> None:
        self.now += size / rate
        self.moved += size


@pytest.mark.parametrize(("up", "down"), [(0.2, 1), (1, 16), (10, 50), (1000, 1000)])
def test_any_line_is_measured_within_its_seconds(up: float, down: float) -> None:
    cable = Cable(up * MBIT, down * MBIT)
    seen = line.measure(cable, cable.clock)  # type: ignore[arg-type]
    assert seen.up == pytest.approx(up * MBIT, rel=0.1)
    assert seen.down == pytest.approx(down * MBIT, rel=0.1)
    assert cable.now < 2 * line.SECONDS + 2
    assert cable.moved <= 2 * sum(line.STEPS)


def test_a_line_that_hardly_moves_is_given_up_in_time() -> None:
    cable = Cable(5_000, 5_000)
    seen = line.measure(cable, cable.clock)  # type: ignore[arg-type]
    assert seen.up == pytest.approx(5_000, rel=0.8)
    assert cable.now < 2 * line.SECONDS + 10


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (GatewaySilent("It answers 429."), "It answers 429."),
        (GatewaySaysNo(404, "UnknownNode", ""), line.UNKNOWN),
        (GatewaySaysNo(401, "Expired", "Is the clock right?"), "Is the clock right?"),
    ],
)
def test_why_it_could_not_be_measured_is_told(trouble: Exception, told: str) -> None:
    class Refusing(Cable):
        def exchange(self, *args: object, **how: object) -> int:
            raise trouble

    assert line.measure(Refusing(1, 1)).why == told  # type: ignore[arg-type]


def config(folder: Path, bandwidth: str) -> Config:
    return Config.of(folder, {"gateway": "https://gateway.example", "bandwidth": bandwidth})


@pytest.mark.parametrize(
    ("bandwidth", "seen", "counted"),
    [
        ("unlimited", Line(2e6, 9e6), 2_000_000),
        ("8 Mbit/s", Line(2e6, 9e6), 1_000_000),
        ("80 Mbit/s", Line(2e6, 9e6), 2_000_000),
        ("8 Mbit/s", Line(why="It is away."), 1_000_000),
        ("8 Mbit/s", None, 1_000_000),
        ("unlimited", None, 0),
    ],
)
def test_what_was_seen_counts_and_the_bound_that_was_set_rules(
    tmp_path: Path, bandwidth: str, seen: Line | None, counted: int
) -> None:
    speeds = Speeds(disk=1e9, hashing=1e9, encoding=None, disk_free=0, line=seen)
    own = config(tmp_path, bandwidth)
    month = 30 * 86_400
    worth = benchmark.earnings(own, speeds, Prices(0, 1 << 30, {}))
    assert worth.delivery == counted * month
    text = benchmark.report(own, speeds, Prices(0, 1, {}), None)
    if seen and seen.up:
        assert "Line      16 Mbit/s up, 72 Mbit/s down, to the gateway" in text
    else:
        assert ("It is away." if seen else "was not measured") in text
    assert ("8 Mbit/s are sent at most" in text) == (bandwidth == "8 Mbit/s")


@pytest.fixture
def gateway() -> Iterable[Gateway]:
    with fake_gateway.running() as gateway:
        yield gateway


@pytest.mark.network
def test_bytes_truly_go_both_ways(gateway: Gateway) -> None:
    client = GatewayClient(gateway.url, Identity.create(), gateway.identity.peer_id)
    began = time.monotonic()
    seen = line.measure(client)
    client.close()
    assert seen.why == ""
    assert seen.up > MBIT
    assert seen.down > MBIT
    assert time.monotonic() - began < 4 * line.SECONDS
    assert gateway.measured >= sum(line.STEPS[:1])
