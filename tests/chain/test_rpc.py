"""The line to a node that answers badly, late or not at all: an error by name, and soon."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

from wetube.chain import contracts, rpc
from wetube.chain.breaker import Breaker
from wetube.chain.hashing import keccak


class Node:
    """Answers every call with what `says` is: a status and a body."""

    def __init__(self) -> None:
        self.says: tuple[int, bytes] = (200, b'{"jsonrpc":"2.0","id":1,"result":"0x5"}')
        self.asked = 0
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                node.asked += 1
                self.rfile.read(int(self.headers["Content-Length"]))
                status, body = node.says
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/secret-key"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)

    def refuse(self, status: int, **error: Any) -> None:
        self.says = status, json.dumps({"jsonrpc": "2.0", "id": 1, "error": error}).encode()


@pytest.fixture
def node(settings: Settings) -> Iterator[Node]:
    running = Node()
    running.thread.start()
    settings.CLOUDCOIN_RPC = running.url
    yield running
    running.server.shutdown()
    running.server.server_close()
    running.thread.join()
    line: Any = rpc._provider(running.url, rpc.ANSWER_SECONDS)
    line._request_session_manager.cache_and_return_session(running.url).close()


def test_an_answer_is_its_result(node: Node) -> None:
    assert rpc.ask("eth_blockNumber") == "0x5"


def test_a_refusal_has_the_nodes_words(node: Node) -> None:
    node.refuse(200, code=-32000, message="nonce too low")
    with pytest.raises(rpc.RpcRefused, match="nonce too low") as refusal:
        rpc.ask("eth_sendRawTransaction", ["0x"])
    assert refusal.value.revert is None


def test_a_refusal_by_status_is_a_refusal_too(node: Node) -> None:
    node.refuse(400, code=-32602, message="block range too wide")
    with pytest.raises(rpc.RpcRefused, match="too wide"):
        rpc.ask("eth_getLogs", [{}])
    assert not rpc.breaker_of(node.url).is_open


@pytest.mark.parametrize(
    "data",
    ["0xabcd", {"data": "0xabcd"}, "Reverted 0xabcd", {"data": "Reverted 0xabcd", "message": ""}],
    ids=["geth", "nested", "parity", "nested parity"],
)
def test_a_contracts_reason_is_found_in_the_forms_nodes_give_it(node: Node, data: object) -> None:
    node.refuse(200, code=3, message="execution reverted", data=data)
    with pytest.raises(rpc.RpcRefused) as refusal:
        rpc.ask("eth_call", [])
    assert refusal.value.revert == b"\xab\xcd"


def test_a_contract_may_refuse_without_a_reason(node: Node) -> None:
    node.refuse(200, code=3, message="execution reverted")
    with pytest.raises(rpc.RpcRefused) as refusal:
        rpc.ask("eth_call", [])
    assert refusal.value.revert == b""


@pytest.mark.parametrize(
    "says",
    [
        (200, b"<html>not json</html>"),
        (200, b"[]"),
        (200, b"{}"),
        (502, b"bad gateway"),
        (429, b'{"message": "slow down"}'),
        (500, b"[1]"),
    ],
    ids=["no JSON", "a list", "nothing", "a proxy's error", "too many", "a list with an error"],
)
def test_an_answer_that_is_none_counts_as_away(node: Node, says: tuple[int, bytes]) -> None:
    node.says = says
    with pytest.raises(rpc.ChainAway):
        rpc.ask("eth_blockNumber")
    assert rpc.breaker_of(node.url).is_open


def test_nobody_there_is_away_at_once(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.CLOUDCOIN_RPC = f"http://127.0.0.1:{taken.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(rpc.ChainAway):
            rpc.ask("eth_blockNumber")
        assert time.monotonic() - began < 1


def test_a_silent_node_is_away_soon_and_then_at_once(settings: Settings) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.CLOUDCOIN_RPC = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with rpc.patience(0.1), pytest.raises(rpc.ChainAway):
            rpc.ask("eth_blockNumber")
        began = time.monotonic()
        with pytest.raises(rpc.ChainAway):
            rpc.ask("eth_blockNumber")
        assert time.monotonic() - began < 0.05
    assert rpc.CONNECT_SECONDS + rpc.ANSWER_SECONDS < 3


def test_without_a_chain_it_is_away(settings: Settings) -> None:
    settings.CLOUDCOIN_RPC = ""
    with pytest.raises(rpc.ChainAway):
        rpc.ask("eth_blockNumber")


def test_logs_do_not_show_the_key_in_a_nodes_address(
    node: Node, caplog: pytest.LogCaptureFixture
) -> None:
    node.says = (502, b"")
    with pytest.raises(rpc.ChainAway) as away:
        rpc.ask("eth_blockNumber")
    assert "does not answer" in caplog.text
    assert "secret-key" not in caplog.text + str(away.value) + away.value.why


class TestBreaker:
    def test_after_a_failure_nobody_asks_until_the_pause_is_over(self) -> None:
        breaker = Breaker(0.05)
        assert breaker.lets_through()
        breaker.failed()
        assert not breaker.lets_through()
        time.sleep(0.06)
        assert breaker.lets_through()

    def test_then_one_asks_for_all(self) -> None:
        breaker = Breaker(0.05)
        breaker.failed()
        time.sleep(0.06)
        assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
        breaker.worked()
        assert [breaker.lets_through() for _ in range(3)] == [True, True, True]


class TestReasons:
    """What contracts say when they refuse, as people read it."""

    def test_a_sentence(self) -> None:
        said = "08c379a0" + f"{32:064x}" + f"{5:064x}" + b"Sorry".hex().ljust(64, "0")
        assert contracts.explain(bytes.fromhex(said)) == "Sorry"

    def test_a_panic(self) -> None:
        assert contracts.explain(bytes.fromhex("4e487b71" + f"{0x11:064x}")) == "Panic 0x11"

    def test_an_error_of_ours_with_its_values(self) -> None:
        said = keccak(b"AboveCap(uint256,uint256)")[:4] + (7).to_bytes(32) + (5).to_bytes(32)
        assert contracts.explain(said) == "AboveCap(7, 5)"

    @pytest.mark.parametrize("said", ["08c379a0ff", "01020304", "08c379a0" + "ff" * 64])
    def test_what_nobody_understands_is_shown_as_it_is(self, said: str) -> None:
        assert contracts.explain(bytes.fromhex(said)) == "0x" + said

    def test_silence(self) -> None:
        assert contracts.explain(b"") == "The contract refused without a reason."
