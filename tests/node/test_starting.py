"""A node's first start: it waits for a gateway that is away, and ends at a no that stays one."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.node import certificates, introducing
from gateway.node.config import BadConfig, Config
from gateway.node.speaking import GatewayClient, GatewaySilent, GatewayUntrusted
from node_bridge.network.identity import Identity
from tests.gateway.serving import REPOSITORY, free_port
from tests.node import fake_gateway
from tests.node.fake_gateway import Gateway
from tests.node.nodes import start_node

pytestmark = pytest.mark.network
OWN = Identity.create()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with fake_gateway.running() as gateway:
        yield gateway


def words(gateway: Gateway, folder: Path, *more: str) -> list[str]:
    """The command of a node that is started with nothing but a gateway."""
    listen = f"127.0.0.1:{free_port()}"
    said = ["--data", str(folder), "--gateway", gateway.url, "--listen", listen]
    return [sys.executable, "-m", "gateway.node", *said, *more]


@contextmanager
def started(command: list[str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(command: list[str]) -> str:
    """The sentence with which it ended; by itself, and not well."""
    done = subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def test_it_waits_for_a_gateway_that_is_away_and_goes_on_when_it_is_back(
    gateway: Gateway, tmp_path: Path
) -> None:
    gateway.away = 503
    with started(words(gateway, tmp_path, "--token", "wto_good")) as process:
        gateway.until(lambda: gateway.asked, seconds=60)
        gateway.away = 0
        gateway.until(lambda: gateway.heard, seconds=60)
        process.terminate()
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert "answers 503. It is asked again in" in process.stderr.read()
    assert "/nodes/v1/nodes" in gateway.asked


@pytest.mark.parametrize(
    ("said", "ahead", "sentence"),
    [
        (["--token", "wto_bad"], 0, "does not know this token"),
        ([], 0, "does not know this node. Say --token"),
        ([], 600, "clock is 600 s behind"),
        ([], -600, "clock is 600 s ahead"),
    ],
)
def test_a_no_that_will_not_pass_ends_it_with_what_to_do(
    gateway: Gateway, tmp_path: Path, said: list[str], ahead: int, sentence: str
) -> None:
    gateway.ahead = ahead
    told = ended(words(gateway, tmp_path, *said))
    assert sentence in told.replace("599", "600").replace("601", "600")


def test_what_is_no_gateway_ends_it(gateway: Gateway, tmp_path: Path) -> None:
    gateway.away = 404
    assert "no gateway of this network" in ended(words(gateway, tmp_path))


def test_a_gateway_it_knows_is_not_waited_for(gateway: Gateway, tmp_path: Path) -> None:
    gateway.away = 503
    with start_node(tmp_path / "n", gateway=gateway.identity, gateway_url=gateway.url) as node:
        assert node.ask("GET", "/health").status == 200
        gateway.away = 0
        gateway.knows.add(node.peer_id)
        gateway.until(lambda: gateway.heard, seconds=60)


class Pauses(list[float]):
    """Waits that are only written down; after so many, the gateway is back."""

    def __call__(self, gateway: Gateway, back_after: int) -> Callable[[float], None]:
        def sleep(seconds: float) -> None:
            self.append(seconds)
            if len(self) == back_after:
                gateway.away = 0

        return sleep


def config(folder: Path, url: str, peer_id: str = "") -> Config:
    return Config.of(folder, {"gateway": url, "gateway_id": peer_id})


def test_each_pause_is_longer_than_the_one_before(gateway: Gateway, tmp_path: Path) -> None:
    gateway.away, pauses = 502, Pauses()
    before = config(tmp_path, gateway.url)
    known = introducing.known_by(before, OWN, None, pauses(gateway, 8))
    assert known.gateway_id == gateway.identity.peer_id
    assert 3 < pauses[0] < 8
    assert pauses[7] > 400 > pauses[4] > pauses[0]


def test_a_gateway_that_has_moved_is_known_again_and_another_is_not_taken_for_it(
    gateway: Gateway, tmp_path: Path
) -> None:
    own, other = gateway.identity.peer_id, Identity.create().peer_id
    before = config(tmp_path, "https://old.example", own)
    moved = config(tmp_path, gateway.url, own)
    assert introducing.known_by(moved, OWN, before).gateway_id == own
    foreign = config(tmp_path, "https://old.example", other)
    with pytest.raises(BadConfig, match="folder of its own"):
        introducing.known_by(config(tmp_path, gateway.url, other), OWN, foreign)
    gateway.away = 503  # what it holds is served meanwhile
    assert introducing.known_by(moved, OWN, before).gateway_id == own


def test_a_certificate_nobody_vouches_for_is_told_with_the_way_to_trust_it(tmp_path: Path) -> None:
    certificate = certificates.own(tmp_path, "gateway")
    untrusted = pytest.raises(GatewayUntrusted, match=r"SSL_CERT_FILE=gateway\.pem")
    with fake_gateway.running(certificate) as gateway, untrusted:
        introducing.known_by(config(tmp_path, gateway.url), OWN, None)


def test_who_speaks_no_tls_and_who_is_not_there_is_told_apart(
    gateway: Gateway, tmp_path: Path
) -> None:
    def told(url: str) -> str:
        client = GatewayClient(url, OWN, "")
        with pytest.raises(GatewaySilent) as silence:
            client.introduce()
        client.close()
        return str(silence.value)

    assert "does not speak TLS" in told(gateway.url.replace("http://", "https://"))
    assert "cannot be reached" in told(f"http://127.0.0.1:{free_port()}")
