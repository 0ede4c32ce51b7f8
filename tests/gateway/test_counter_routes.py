"""The pay door by itself: what it passes on, what it refuses, and who may ask from where."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path

import pytest

from gateway import Gateway, Uploads
from gateway.seams import Asked
from node_bridge import Keyring, MemoryEngine
from tests.gateway.asking import MemorySite, Reply, ask

MOST = 64 << 10
PRICE = {"Content-Type": "application/json", "PAYMENT-REQUIRED": "e30="}


@dataclass
class MemoryCounter:
    """Answers what the test says; keeps what it was asked."""

    answer: tuple[int, Mapping[str, str], bytes] = (402, PRICE, b'{"error": "payment_needed"}')
    failing: Exception | None = None
    asked: list[Asked] = field(default_factory=list)

    async def serve(self, asked: Asked) -> tuple[int, Mapping[str, str], bytes]:
        self.asked.append(asked)
        if self.failing:
            raise self.failing
        return self.answer


@pytest.fixture
def counter() -> MemoryCounter:
    return MemoryCounter()


@pytest.fixture
def door(counter: MemoryCounter, tmp_path: Path) -> Gateway:
    site = changed(MemorySite().as_site(), counter=counter)
    uploads = Uploads(tmp_path / "uploads", reserve=0)
    return Gateway(engine=MemoryEngine(), keyring=Keyring([b"k" * 32]), site=site, uploads=uploads)


def words(reply: Reply, header: str) -> set[str]:
    return {word.strip() for word in reply.headers[header].split(",")}


async def test_a_question_is_passed_on_whole(door: Gateway, counter: MemoryCounter) -> None:
    reply = await ask(
        door, "GET", "/pay/v1/tips/ann?amount=5&amount=7", {"Payment-Signature": "abc"}
    )

    assert (reply.status, json.loads(reply.body)) == (402, {"error": "payment_needed"})
    (asked,) = counter.asked
    assert (asked.method, asked.path, dict(asked.query)) == (
        "GET",
        "/pay/v1/tips/ann",
        {"amount": "7"},
    )
    assert asked.headers["payment-signature"] == "abc"
    assert asked.body == b""


async def test_any_page_may_ask_and_read_and_nothing_is_kept(door: Gateway) -> None:
    reply = await ask(door, "GET", "/pay/v1/videos/a", {"Origin": "https://elsewhere.example"})

    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers
    assert {"PAYMENT-REQUIRED", "PAYMENT-RESPONSE"} <= words(reply, "access-control-expose-headers")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["payment-required"] == "e30="


@pytest.mark.parametrize("path", ["/pay/v1/videos/a", "/rpc"])
async def test_a_preflight_allows_what_stock_clients_send(
    door: Gateway, counter: MemoryCounter, path: str
) -> None:
    """They send a response's header with their payment, too (research §1.6-9)."""
    asked = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "payment-signature,access-control-expose-headers",
    }
    reply = await ask(door, "OPTIONS", path, asked)

    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    allowed = words(reply, "access-control-allow-headers")
    assert {"PAYMENT-SIGNATURE", "Access-Control-Expose-Headers", "X-Cashu"} <= allowed
    assert words(reply, "access-control-allow-methods") == {"GET", "POST", "OPTIONS"}
    assert not counter.asked


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
async def test_other_methods_are_refused(
    door: Gateway, counter: MemoryCounter, method: str
) -> None:
    reply = await ask(door, method, "/pay/v1/videos/a")

    assert reply.status == 405
    assert reply.headers["allow"] == "GET, POST, OPTIONS"
    assert reply.headers["cache-control"] == "no-store"
    assert not counter.asked


@pytest.mark.parametrize("path", ["/payments", "/rpc/", "/rpcs", "/g/token/pay/v1/a", "/"])
async def test_other_addresses_are_not_the_counters(
    door: Gateway, counter: MemoryCounter, path: str
) -> None:
    assert (await ask(door, "GET", path)).status == 404
    assert not counter.asked


async def test_a_gateway_without_a_counter_sells_nothing(gateway: Gateway) -> None:
    for path in ("/pay/v1/videos/a", "/rpc"):
        assert (await ask(gateway, "GET", path)).status == 404


async def test_as_much_as_a_payment_takes_is_read(door: Gateway, counter: MemoryCounter) -> None:
    pieces = [b"x" * (MOST // 4)] * 4
    reply = await ask(door, "POST", "/rpc", {"Content-Length": str(MOST)}, pieces)

    assert reply.status == 402
    assert counter.asked[0].body == b"x" * MOST


@pytest.mark.parametrize(
    "headers", [{"Content-Length": str(MOST + 1)}, {"Transfer-Encoding": "chunked"}]
)
async def test_more_is_refused_whether_it_was_announced_or_not(
    door: Gateway, counter: MemoryCounter, headers: dict[str, str]
) -> None:
    pieces = [b"x" * MOST, b"x"]
    reply = await ask(door, "POST", "/rpc", headers, pieces)

    assert reply.status == 413
    assert "64 KiB" in reply.text
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert not counter.asked


async def test_a_counter_that_breaks_is_a_sentence_that_tells_nothing(
    door: Gateway, counter: MemoryCounter, caplog: pytest.LogCaptureFixture
) -> None:
    counter.failing = RuntimeError("the secret is 1234")
    reply = await ask(door, "GET", "/pay/v1/videos/a")

    assert reply.status == 500
    assert reply.text == "Something broke here: try again in a moment.\n"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "1234" in caplog.text  # for the operator alone

    counter.failing = None
    assert (await ask(door, "GET", "/pay/v1/videos/a")).status == 402
