"""The embedded chain: transactions mined and on disk, calls, and a new start, beside anvil.

Both are asked over HTTP by the same clients for the same ERC-20 transfers. anvil keeps all in RAM
and is compiled; the floor of ours is what the disk allows: one durable SQLite commit at a time.
"""

import argparse
import http.client
import json
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from bench.report import note, report
from tests.chains import servers
from tests.chains.servers import TestChain
from wetube.cloudchain.artifacts import load
from wetube.cloudchain.store import Store

COINS = 10**12
GOAL_OF_FLOOR = (
    0.2  # a transaction is an ECDSA, some hundred instructions and a trie; then a commit
)
GOAL_REOPEN = 50.0  # ms


def main() -> int:
    options = _options()
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        folders = [Path(home) / name for name in ("embedded", "anvil")]
        for folder in folders:
            folder.mkdir()
        with servers.embedded(folders[0]) as embedded, servers.anvil(folders[1]) as anvil:
            benches = [_Bench(chain, options) for chain in (embedded, anvil)]
            for _ in range(options.rounds):
                for bench in benches:
                    for name, rate in bench.round().items():
                        rates.setdefault(f"{bench.chain.kind} {name}", []).append(rate)
                rates.setdefault("floor commits/s", []).append(_commits(Path(home)))
        opening = _reopening(folders[0] / "chain")
    return _tell({name: median(found) for name, found in rates.items()}, opening)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transactions", type=int, default=200, help="in a round, for each chain")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _tell(figures: dict[str, float], opening: float) -> int:
    for name, figure in sorted(figures.items()):
        note(f"chain {name}", f"{figure:.0f}")
    sent, called = (figures[f"embedded {what}"] for what in ("tx/s", "calls/s"))
    note("chain tx/s / anvil's", f"{sent / figures['anvil tx/s']:.2f}")
    note("chain calls/s / anvil's", f"{called / figures['anvil calls/s']:.2f}")
    fine = [
        report("chain tx/s / durable commits/s", sent / figures["floor commits/s"], GOAL_OF_FLOOR),
        report("chain reopened in ms", opening, GOAL_REOPEN, "lower"),
    ]
    return int(not all(fine))


class _Bench:
    """One chain, with a coin on it that each client has plenty of."""

    def __init__(self, chain: TestChain, options: argparse.Namespace) -> None:
        self.chain = chain
        self._each = options.transactions // options.clients
        code = load("Cloudcoin").bytecode + encode(["address"], [chain.rich.address])
        made = chain.send(chain.rich, data=code, gas=5_000_000)
        self._coin = to_checksum_address(made["contractAddress"])
        self._clients = [chain.somebody() for _ in range(options.clients)]
        for client in self._clients:
            self._mint(client)

    def round(self) -> dict[str, float]:
        """Rates of durable transfers and of calls, by all clients at once."""
        fee = self.chain.fee()
        bodies = [self._transfers(client, fee) for client in self._clients]
        call = {"to": self._coin, "data": _data("balanceOf(address)", self._clients[0].address)}
        calls = [[_body("eth_call", call, "latest")] * self._each] * len(self._clients)
        return {"tx/s": self._rate(bodies), "calls/s": self._rate(calls)}

    def _transfers(self, client: LocalAccount, fee: int) -> list[bytes]:
        first = self.chain.nonce(client)
        data = [_data("transfer(address,uint256)", f"0x{n + 1:040x}", 1) for n in range(self._each)]
        return [
            _body(
                "eth_sendRawTransaction",
                self.chain.sign(
                    client,
                    to=self._coin,
                    data=word,
                    nonce=first + place,
                    gas=80_000,
                    maxFeePerGas=fee,
                ),
            )
            for place, word in enumerate(data)
        ]

    def _rate(self, work: Sequence[Sequence[bytes]]) -> float:
        threads = [threading.Thread(target=self._ask_all, args=(bodies,)) for bodies in work]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        return sum(map(len, work)) / took

    def _ask_all(self, bodies: Sequence[bytes]) -> None:
        port = int(self.chain.url.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for body in bodies:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
            if "error" in answer:
                raise SystemExit(f"{self.chain.kind}: {answer['error']}")
        connection.close()

    def _mint(self, client: LocalAccount) -> None:
        data = _data("mint(address,uint256)", client.address, COINS)
        receipt = self.chain.send(self.chain.rich, to=self._coin, data=data)
        if receipt["status"] != "0x1":
            raise SystemExit(f"{self.chain.kind} refuses to mint")


def _commits(folder: Path) -> float:
    """Durable commits a second of this disk, each of one small row."""
    connection = sqlite3.connect(folder / "floor.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS rows (body BLOB)")
    began = time.perf_counter()
    for _ in range(200):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO rows VALUES (?)", [bytes(500)])
        connection.execute("COMMIT")
    took = time.perf_counter() - began
    connection.close()
    return 200 / took


def _reopening(folder: Path) -> float:
    """Milliseconds from nothing to the newest block, with all of the bench's blocks there."""

    return median(1000 * _reopened(folder) for _ in range(5))


def _reopened(folder: Path) -> float:
    """Seconds."""
    began = time.perf_counter()
    store = Store(folder)
    head = store.head()
    took = time.perf_counter() - began
    store.close()
    if head is None or not head.number:
        raise SystemExit("The chain came back empty.")
    return took


def _body(method: str, *params: object) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


def _data(signature: str, *values: object) -> str:
    kinds = signature.partition("(")[2].rstrip(")").split(",")
    return f"0x{(keccak(text=signature)[:4] + encode(kinds, values)).hex()}"


if __name__ == "__main__":
    sys.exit(main())
