"""Many senders on a chain that dies: what it acknowledged, and whether it still knows it all."""

import http.client
import itertools
import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import eth_account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

FEE = 100  # wei for one gas; the base fee is 7
LOGGING = bytes.fromhex("6006600a5f3960065ff3" + "5f355f5fa100")  # logs the word it is called with
SENDERS = 4
PATIENCE = 30.0


@dataclass
class Running:
    """A chain's process and where it answers."""

    pid: int
    port: int


@dataclass
class Load:
    """`start` starts the chain on one and the same folder, and `wait` returns once it has ended."""

    start: Callable[[], Running]
    wait: Callable[[Running], None]
    folder: Path
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    accounts: list[LocalAccount] = field(default_factory=list)
    contract: str = ""
    refusals: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """A contract that logs, and senders with coin for gas."""
        running = self.start()
        kept = json.loads((self.folder / "faucet.json").read_text(encoding="ascii"))
        rich: LocalAccount = eth_account.Account.from_key(kept["private_key"])
        self.accounts = [eth_account.Account.create() for _ in range(SENDERS)]
        with line_to(running) as line:
            made = line.send(rich, data=LOGGING, gas=200_000)
            receipt = line.ask("eth_getTransactionReceipt", made)
            self.contract = to_checksum_address(receipt["contractAddress"])
            for account in self.accounts:
                line.send(rich, to=account.address, value=10**18)
        self.kill(running)

    def round(self, enough: int) -> int:
        """Send from all accounts, kill -9 in the midst of it once that many are acknowledged.

        Returns how many were.
        """
        running = self.start()
        before = len(self.acknowledged)
        threads = [
            threading.Thread(target=self._send, args=(running, account))
            for account in self.accounts
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + PATIENCE
        while len(self.acknowledged) - before < enough and time.monotonic() < deadline:
            time.sleep(0.001)
        self.kill(running)
        for thread in threads:
            thread.join()
        return len(self.acknowledged) - before

    def kill(self, running: Running) -> None:
        os.kill(running.pid, signal.SIGKILL)
        self.wait(running)

    def faults(self) -> list[str]:
        """What is not as it must be, after one more start."""
        running = self.start()
        with line_to(running) as line:
            found = [*self.refusals, *_lost(line, self.acknowledged)]
            found += _uneven(line, self.accounts, self.contract)
            found += _unlinked(line)
        self.kill(running)
        with sqlite3.connect(self.folder / "chain.sqlite3") as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        return found if verdict == "ok" else [*found, f"SQLite: {verdict}"]

    def _send(self, running: Running, account: LocalAccount) -> None:
        """One after the other, until the chain has gone."""
        with suppress(OSError, http.client.HTTPException), line_to(running) as line:
            nonce = int(line.ask("eth_getTransactionCount", account.address, "latest"), 16)
            try:
                for following in itertools.count(nonce):
                    word = os.urandom(32)
                    fields = {"to": self.contract, "data": word, "gas": 60_000}
                    name = line.send(account, nonce=following, **fields)
                    self.acknowledged[name] = word
            except AssertionError as refusal:
                self.refusals.append(str(refusal))


@contextmanager
def line_to(running: Running) -> "Iterator[Line]":
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
    try:
        yield Line(connection)
    finally:
        connection.close()


class Line:
    """One kept connection to a chain."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self._connection = connection
        self._known = 0

    def ask(self, method: str, *params: object) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
        answer = json.loads(self._connection.getresponse().read())
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def send(self, account: LocalAccount, **fields: Any) -> str:
        """Its hash, which is what the chain acknowledges with."""
        usual = {"gas": 21_000, "gasPrice": FEE, "value": 0, "chainId": self._chain_id()}
        if "nonce" not in fields:
            asked = self.ask("eth_getTransactionCount", account.address, "latest")
            usual["nonce"] = int(asked, 16)
        raw = account.sign_transaction({**usual, **fields}).raw_transaction.to_0x_hex()
        return str(self.ask("eth_sendRawTransaction", raw))

    def _chain_id(self) -> int:
        if not self._known:
            self._known = int(self.ask("eth_chainId"), 16)
        return self._known


def _lost(line: Line, acknowledged: dict[str, bytes]) -> list[str]:
    """Each must have its receipt, and its log under its own word."""
    found = []
    for name, word in acknowledged.items():
        receipt = line.ask("eth_getTransactionReceipt", name)
        if receipt is None or receipt["status"] != "0x1":
            found.append(f"{name} was acknowledged and is lost")
        elif (
            line.ask("eth_getLogs", {"fromBlock": "0x0", "topics": [f"0x{word.hex()}"]})
            != (receipt["logs"])
        ):
            found.append(f"{name} has no log")
    return found


def _uneven(line: Line, accounts: list[LocalAccount], contract: str) -> list[str]:
    """State, blocks and logs must agree on how many there were."""
    nonces = sum(
        int(line.ask("eth_getTransactionCount", account.address, "latest"), 16)
        for account in accounts
    )
    logs = len(line.ask("eth_getLogs", {"fromBlock": "0x0", "address": contract}))
    blocks = int(line.ask("eth_blockNumber"), 16) - 1 - len(accounts)
    if nonces == logs == blocks:
        return []
    return [f"nonces say {nonces}, logs {logs}, blocks {blocks}"]


def _unlinked(line: Line) -> list[str]:
    """Each block must name the one before it."""
    found, parent = [], None
    for number in range(int(line.ask("eth_blockNumber"), 16) + 1):
        block = line.ask("eth_getBlockByNumber", hex(number))
        if parent and block["parentHash"] != parent:
            found.append(f"block {number} does not follow {number - 1}")
        parent = block["hash"]
    return found
