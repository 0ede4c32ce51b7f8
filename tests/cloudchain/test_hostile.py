"""What comes to the chain's door and is no honest request is refused by name; nothing moves."""

import http.client
import json
import socket
import time
from typing import Any

import pytest

from tests.chains.servers import RpcFault, TestChain

pytestmark = pytest.mark.chain
TEXT = {"Content-Type": "application/json"}
NOWHERE = f"0x{'11' * 20}"
ALL = 30_000_000


@pytest.fixture(autouse=True)
def _nothing_moves(embedded: TestChain) -> Any:
    before = embedded.number()
    yield
    assert embedded.number() == before


def ask(
    chain: TestChain, body: bytes, *, method: str = "POST", path: str = "/", **headers: str
) -> tuple[int, Any]:
    """HTTP's status, and the answer."""
    port = int(chain.url.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, {**TEXT, **named})
        answer = connection.getresponse()
        found = answer.read()
        return answer.status, json.loads(found) if found else None
    finally:
        connection.close()


def code_of(answer: Any) -> int:
    assert set(answer) == {"jsonrpc", "id", "error"}
    assert answer["error"]["message"]
    code: int = answer["error"]["code"]
    return code


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (403, {"Host": "evil.example"}),
        (403, {"Host": "evil.example:8545"}),
        (403, {"Host": "127.0.0.1.evil.example"}),
        (403, {"Host": ""}),
        (403, {"Origin": "http://evil.example"}),
        (403, {"Origin": "null"}),
        (403, {"Origin": "http://127.0.0.1"}),
        (405, {"method": "GET"}),
        (405, {"method": "OPTIONS"}),
        (404, {"path": "/admin"}),
        (415, {"Content_Type": "text/plain"}),
        (415, {"Content_Type": "application/x-www-form-urlencoded"}),
        (413, {"Content_Length": str(2**40)}),
    ],
)
def test_at_the_door(embedded: TestChain, status: int, changes: dict[str, str]) -> None:
    found, answer = ask(embedded, b"{}", **changes)
    assert found == status
    assert code_of(answer) == -32600


@pytest.mark.parametrize(
    ("code", "body"),
    [
        (-32700, b""),
        (-32700, b"{"),
        (-32700, b"\xff\xfe"),
        (-32700, b"[" * 100_000),
        (-32700, b'{"a":' * 50_000),
        (-32700, b'{"id":1,"method":"eth_chainId","params":[NaN]}'),
        (-32700, b'{"id":' + b"9" * 10_000 + b"}"),
        (-32600, b"[]"),
        (-32600, b"7"),
        (-32600, b'"eth_chainId"'),
        (-32600, b"null"),
        (-32600, b"{}"),
        (-32600, b'{"id":1,"method":7}'),
        (-32600, b'{"id":{},"method":"eth_chainId"}'),
        (-32600, json.dumps([{"id": 1, "method": "eth_chainId"}] * 101).encode()),
        (-32601, b'{"id":1,"method":"eth_sendTransaction","params":[{}]}'),
        (-32601, b'{"id":1,"method":"personal_unlockAccount"}'),
        (-32601, b'{"id":1,"method":"anvil_setBalance"}'),
        (-32601, b'{"id":1,"method":"__init__"}'),
        (-32602, b'{"id":1,"method":"eth_getBalance"}'),
        (-32602, b'{"id":1,"method":"eth_getBalance","params":{"address":"0x"}}'),
        (-32602, b'{"id":1,"method":"eth_getBalance","params":[7]}'),
    ],
)
def test_what_is_no_request(embedded: TestChain, code: int, body: bytes) -> None:
    status, answer = ask(embedded, body)
    assert status == 200
    assert code_of(answer) == code


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_getBalance", ["0x12", "latest"]),
        ("eth_getBalance", ["0x" + "zz" * 20, "latest"]),
        ("eth_getBalance", [NOWHERE, "newest"]),
        ("eth_getBalance", [NOWHERE, "0x"]),
        ("eth_getBalance", [NOWHERE, {"blockHash": "0x12"}]),
        ("eth_getBalance", [NOWHERE, {}]),
        ("eth_getBalance", [NOWHERE, ["latest"]]),
        ("eth_getStorageAt", [NOWHERE, "0x" + "1" * 65, "latest"]),
        ("eth_getStorageAt", [NOWHERE, -1, "latest"]),
        ("eth_getBlockByNumber", ["latest", "yes"]),
        ("eth_getBlockByHash", ["0x12", False]),
        ("eth_getTransactionReceipt", [None]),
        ("eth_getTransactionReceipt", ["0x" + "0" * 63 + "g"]),
        ("eth_call", ["0x", "latest"]),
        ("eth_call", [{"to": "0x12"}, "latest"]),
        ("eth_call", [{"data": "0x123"}, "latest"]),
        ("eth_call", [{"to": NOWHERE, "value": "12"}, "latest"]),
        ("eth_call", [{"to": NOWHERE, "accessList": [7]}, "latest"]),
        ("eth_call", [{"to": NOWHERE, "accessList": [{"address": NOWHERE, "storageKeys": 7}]}]),
        ("eth_call", [{"to": NOWHERE, "gasPrice": "0x1", "maxFeePerGas": "0x1"}]),
        ("eth_call", [{"to": NOWHERE}, "latest", {NOWHERE: {"state": {}, "stateDiff": {}}}]),
        ("eth_call", [{"to": NOWHERE}, "latest", {"0x12": {}}]),
        ("eth_call", [{"to": NOWHERE}, "latest", {NOWHERE: {"nonce": "0x" + "f" * 64}}]),
        ("eth_estimateGas", [[]]),
        ("eth_feeHistory", ["0x1", "latest", [101]]),
        ("eth_feeHistory", ["0x1", "latest", ["a"]]),
        ("eth_feeHistory", [-1, "latest"]),
        ("eth_getLogs", [{"fromBlock": "0x5", "toBlock": "0x1"}]),
        ("eth_getLogs", [{"topics": [[["0x"]]]}]),
        ("eth_getLogs", [{"topics": [None] * 5}]),
        ("eth_getLogs", [{"address": [NOWHERE] * 1001}]),
        ("eth_getLogs", [{"blockHash": f"0x{'00' * 32}", "fromBlock": "0x1"}]),
        ("eth_getLogs", [None]),
        ("eth_sendRawTransaction", ["12"]),
        ("eth_sendRawTransaction", [None]),
    ],
)
def test_parameters_of_the_wrong_kind(embedded: TestChain, method: str, params: list[Any]) -> None:
    with pytest.raises(RpcFault) as refusal:
        embedded.rpc(method, *params)
    assert refusal.value.code == -32602


@pytest.mark.parametrize(
    ("words", "raw"),
    [
        ("typed transaction too short", "0x"),
        ("transaction type not supported", "0x00"),
        ("transaction type not supported", "0x03" + "c0"),
        ("transaction type not supported", "0x04" + "c0"),
        ("transaction type not supported", "0x7f" + "c0"),
        ("rlp", "0x02"),
        ("rlp", "0x02c0"),
        ("rlp", "0xc0"),
        ("rlp", "0xf8"),
        ("rlp", "0xff" + "ff" * 8),
        ("rlp", "0x02" + "c1" * 5_000),
        ("oversized data", "0x02" + "00" * (128 * 1024)),
    ],
)
def test_bytes_that_are_no_transaction(embedded: TestChain, words: str, raw: str) -> None:
    with pytest.raises(RpcFault, match=words) as refusal:
        embedded.rpc("eth_sendRawTransaction", raw)
    assert refusal.value.code == -32000


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("an endless loop", "5b5f56"),
        ("memory without end", "5b620100005180526020905056"),
        ("itself, again and again", "5b5f5f5f5f5f305af1505f56"),
        ("pairings, the slowest precompile", "5b5f5f6161805f60085afa505f56"),
        (
            "modexp of large numbers",
            "610400" + "5f52" + "610400602052610400604052" + "5b5f5f610c605f60055afa50600e56",
        ),
    ],
)
def test_a_call_cannot_hold_the_chain(embedded: TestChain, name: str, code: str) -> None:
    """Whatever it does, it ends within seconds, and the chain answers others at once."""
    began = time.monotonic()
    with pytest.raises(RpcFault) as refusal:
        embedded.rpc("eth_call", {"to": NOWHERE}, "latest", {NOWHERE: {"code": f"0x{code}"}})
    took = time.monotonic() - began
    assert refusal.value.code == -32000
    assert took < 60, name  # two seconds of the processor, on a busy computer more of the clock
    assert embedded.rpc("eth_chainId") == hex(embedded.chain_id)


def test_others_are_answered_while_a_call_takes_long(embedded: TestChain) -> None:
    port = int(embedded.url.rpartition(":")[2])
    params = [{"to": NOWHERE}, "latest", {NOWHERE: {"code": "0x5b5f56"}}]
    body = json.dumps({"id": 1, "method": "eth_call", "params": params})
    slow = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    slow.request("POST", "/", body, TEXT)
    began = time.monotonic()
    for _ in range(5):
        embedded.number()
        embedded.balance(NOWHERE)
    took = time.monotonic() - began
    assert code_of(json.loads(slow.getresponse().read())) == -32000
    slow.close()
    assert took < 20


def test_a_connection_that_says_nothing_costs_nobody_else(embedded: TestChain) -> None:
    port = int(embedded.url.rpartition(":")[2])
    idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
    for connection in idle:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: loc")
    assert embedded.rpc("eth_chainId") == hex(embedded.chain_id)
    for connection in idle:
        connection.close()


@pytest.mark.parametrize(
    "words",
    [
        b"hello\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + b"a: " + b"b" * 20_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"\0" * 1000,
        b"GET / HTTP/0.9\r\n\r\n",
    ],
)
def test_what_is_no_http(embedded: TestChain, words: bytes) -> None:
    port = int(embedded.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        connection.sendall(words)
        answer = connection.recv(4096)
    assert answer == b"" or answer.split()[1].startswith(b"4")
    assert embedded.rpc("eth_chainId") == hex(embedded.chain_id)


def test_no_account_is_unlocked(embedded: TestChain) -> None:
    assert embedded.rpc("eth_accounts") == []
    with pytest.raises(RpcFault, match="does not exist"):
        embedded.rpc("eth_sendTransaction", {"from": embedded.rich.address, "to": NOWHERE})
