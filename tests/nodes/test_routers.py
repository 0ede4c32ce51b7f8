"""Asking other routers: what they are asked, whom they may name, and what they may not do to us."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event

import pytest
from pytest_django import Settings

from wetube.nodes import routers
from wetube.nodes.routers import Router

ROOT = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"
BLOCK = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
Said = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Outside:
    """A router of somebody else; `say` answers."""

    url: str = ""
    say: Said = lambda _handler: None
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def outside() -> Iterator[Outside]:
    made = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            made.headers = {name.lower(): value for name, value in self.headers.items()}
            made.say(self)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(5)


def says(body: bytes | object, *, status: int = 200, **headers: str) -> Said:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()

    def say(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return say


def naming(*addresses: object) -> object:
    return {"Providers": [{"ID": "x", "Schema": "peer", "Addrs": list(addresses)}]}


def at(number: int) -> str:
    return f"/dns4/n{number}.example/tcp/443/tls/http"


def test_it_is_asked_as_the_specification_says_and_once_for_a_root(outside: Outside) -> None:
    outside.say = says(naming(at(1), "/ip4/8.8.8.8/tcp/4443/tls/http"))
    router = Router(f"{outside.url}/")
    found = router.find(BLOCK, ROOT)
    assert [provider.url for provider in found] == ["https://n1.example", "https://8.8.8.8:4443"]
    assert {(provider.paid, provider.passes) for provider in found} == {(None, None)}
    assert router.find(ROOT, ROOT) == found
    query = "filter-addrs=tls,https&filter-protocols=transport-ipfs-gateway-http"
    assert outside.asked == [f"/routing/v1/providers/{ROOT}?{query}"]
    assert outside.headers["accept"] == "application/json"
    assert outside.headers["accept-encoding"] == "identity"
    router.find(BLOCK, BLOCK)
    assert len(outside.asked) == 2
    assert BLOCK in outside.asked[1]


def test_who_ask_at_once_wait_for_one_answer(outside: Outside) -> None:
    asked, answer = Event(), says(naming(at(1)))

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        time.sleep(0.05)
        answer(handler)

    outside.say = slowly
    router, found = Router(outside.url), []
    threads = [
        threading.Thread(target=lambda: found.append(router.find(BLOCK, ROOT))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert asked.is_set()
    assert len(outside.asked) == 1
    assert [len(each) for each in found] == [1] * 4


def test_addresses_that_lead_to_no_node_are_passed_over(outside: Outside) -> None:
    outside.say = says(
        {
            "Providers": [
                "nobody",
                None,
                {},
                {"Addrs": None},
                {"Addrs": [7, "", "/ip4/8.8.8.8/tcp/80/http", "/ip4/8.8.8.8/udp/1/quic", at(1)]},
                {"Addrs": "/dns4/x.example/tcp/443/tls/http"},
                {"Addrs": [at(2)]},
            ]
        }
    )
    urls = [provider.url for provider in Router(outside.url).find(ROOT, ROOT)]
    assert urls == ["https://n1.example", "https://n2.example"]


def test_so_many_are_taken_and_no_more(outside: Outside) -> None:
    outside.say = says(naming(*map(at, range(50))))
    found = Router(outside.url).find(ROOT, ROOT)
    assert [provider.url for provider in found] == [f"https://n{n}.example" for n in range(20)]


GOOD = json.dumps(naming(at(1))).encode()
NONSENSE = {
    "not found": says(GOOD, status=404),
    "broken": says(GOOD, status=500),
    "a part": says(GOOD, status=206),
    "no JSON": says(b"<html>"),
    "cut short": says(GOOD[:-2]),
    "bytes": says(b"\xff\xfe\x00"),
    "a list": says([naming(at(1))]),
    "a number": says(7),
    "nobody": says({"Providers": None}),
    "a name": says({"Providers": "x"}),
    "too deep": says(b"[" * 100_000),
    "compressed": says(gzip.compress(GOOD), Content_Encoding="gzip"),
    "a byte too many": says(GOOD + b" " * (routers.MOST_BYTES + 1 - len(GOOD))),
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_names_nobody(outside: Outside, name: str) -> None:
    outside.say = NONSENSE[name]
    assert list(Router(outside.url).find(ROOT, ROOT)) == []
    assert len(outside.asked) == 1


def test_as_much_as_may_come_is_read(outside: Outside) -> None:
    outside.say = says(GOOD + b" " * (routers.MOST_BYTES - len(GOOD)))
    assert len(Router(outside.url).find(ROOT, ROOT)) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(outside: Outside, status: int) -> None:
    elsewhere = f"{outside.url}/elsewhere"
    outside.say = says(GOOD, status=status, Location=elsewhere)
    assert list(Router(outside.url).find(ROOT, ROOT)) == []
    assert len(outside.asked) == 1


@pytest.mark.parametrize("every", [0.05, 60.0])
def test_who_is_slow_is_given_up(
    outside: Outside, every: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether bytes drip, or none come at all."""
    monkeypatch.setattr(routers, "SECONDS", 0.3)
    given_up = Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not given_up.wait(min(every, 10)):
            handler.wfile.write(b" ")

    def until_hung_up(handler: BaseHTTPRequestHandler) -> None:
        try:
            drip(handler)
        except OSError:
            return

    outside.say = until_hung_up
    began = time.monotonic()
    try:
        assert list(Router(outside.url).find(ROOT, ROOT)) == []
        assert time.monotonic() - began < 5
    finally:
        given_up.set()


def test_who_is_away_names_nobody() -> None:
    assert list(Router("http://127.0.0.1:9").find(ROOT, ROOT)) == []


def test_those_the_operator_chose_are_asked(settings: Settings, outside: Outside) -> None:
    assert routers.finders() == []
    settings.DELEGATED_ROUTERS = [outside.url, "https://other.example"]
    outside.say = says(naming(at(1)))
    first, _second = routers.finders()
    assert len(first.find(ROOT, ROOT)) == 1
