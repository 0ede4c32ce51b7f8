"""Starts a chain's process on loopback, speaks to it, and ends it by its pid."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eth_account
from eth_account.signers.local import LocalAccount

from wetube.cloudchain import canonical

ROOT = Path(__file__).resolve().parents[2]
ANVIL = ROOT / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
EMBEDDED = [sys.executable, "-m", "wetube.cloudchain", "--port", "0"]
START_WITHIN = 60.0
COIN = 10**18  # wei
LISTENING = re.compile(r"(?:Listening on|runs at http://)\s*127\.0\.0\.1:(\d+)")


class RpcFault(Exception):
    """The chain answered with an error: its code, its words, and its data if there were any."""

    def __init__(self, fault: Mapping[str, Any]) -> None:
        super().__init__(f"{fault['code']}: {fault['message']}")
        self.code: int = fault["code"]
        self.message: str = fault["message"]
        self.data: str | None = fault.get("data")


@dataclass
class TestChain:
    """A running chain. `rich` has plenty of native coin; `kind` is embedded or anvil."""

    __test__ = False  # nothing for pytest to collect
    url: str
    chain_id: int
    rich: LocalAccount
    kind: str
    pid: int
    # Its clock is ahead of the world's: what wallets sign by theirs has expired here.
    warped: bool = False

    def rpc(self, method: str, *params: object) -> Any:
        """Raises RpcFault."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = json.loads(self.post(json.dumps(asked).encode()))
        if "error" in answer:
            raise RpcFault(answer["error"])
        return answer["result"]

    def post(self, body: bytes) -> bytes:
        request = urllib.request.Request(
            self.url, body, {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: bytes = answer.read()
            return found

    def number(self) -> int:
        return int(self.rpc("eth_blockNumber"), 16)

    def nonce(self, account: LocalAccount) -> int:
        return int(self.rpc("eth_getTransactionCount", account.address, "pending"), 16)

    def balance(self, address: str) -> int:
        """In wei."""
        return int(self.rpc("eth_getBalance", address, "latest"), 16)

    def fee(self) -> int:
        """What a transaction may offer for gas, in wei, to be mined for certain."""
        return 2 * int(self.rpc("eth_gasPrice"), 16)

    def sign(self, account: LocalAccount, **fields: Any) -> str:
        """A signed transaction, ready to send; what is not said is filled in."""
        usual = {
            "type": 2,
            "chainId": self.chain_id,
            "gas": 1_000_000,
            "maxPriorityFeePerGas": 1,
            "value": 0,
            "data": b"",
        }
        whole = {**usual, **fields}
        if "nonce" not in whole:
            whole["nonce"] = self.nonce(account)
        if whole["type"] == 2:
            whole.setdefault("maxFeePerGas", self.fee())
        else:
            del whole["maxPriorityFeePerGas"]
            whole.setdefault("gasPrice", self.fee())
        if not whole["type"]:
            del whole["type"]
        return str(account.sign_transaction(whole).raw_transaction.to_0x_hex())

    def send(self, account: LocalAccount, **fields: Any) -> dict[str, Any]:
        """Sign, send, and the receipt. Raises RpcFault."""
        name = self.rpc("eth_sendRawTransaction", self.sign(account, **fields))
        return self.receipt(name)

    def receipt(self, name: str) -> dict[str, Any]:
        deadline = time.monotonic() + 30
        while (found := self.rpc("eth_getTransactionReceipt", name)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"no receipt for {name}")
            time.sleep(0.02)
        shown: dict[str, Any] = found
        return shown

    def fund(self, address: str, wei: int = COIN) -> None:
        """Give native coin for gas."""
        self.send(self.rich, to=address, value=wei, gas=21_000)

    def somebody(self, wei: int = COIN) -> LocalAccount:
        """A new account with coin for gas."""
        made = nobody()
        if wei:
            self.fund(made.address, wei)
        return made

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.rpc("evm_mine")

    def warp(self, seconds: int) -> None:
        """Let so much time pass; the next block is there with it."""
        self.warped = True
        self.rpc("evm_increaseTime", hex(seconds))
        self.mine()

    def snapshot(self) -> str:
        return str(self.rpc("evm_snapshot"))

    def revert(self, snapshot: str) -> None:
        """Undo every block since; a snapshot serves once."""
        assert self.rpc("evm_revert", snapshot)


@contextmanager
def embedded(folder: Path, *words: str) -> Iterator[TestChain]:
    """What `manage.py up` starts, on a folder of its own."""
    command = [*EMBEDDED, "--data", str(folder)]
    with running([*command, "--for-tests", *words], folder) as (pid, port):
        key = json.loads((folder / "chain" / canonical.FAUCET_FILE).read_text())["private_key"]
        yield _chain(pid, port, eth_account.Account.from_key(key), "embedded")


@contextmanager
def anvil(folder: Path) -> Iterator[TestChain]:
    """Foundry's own chain, with our contracts where the embedded one has them."""
    command = [str(ANVIL), "--port", "0", "--accounts", "1", "--hardfork", "prague"]
    with running([*command, "--chain-id", str(canonical.CHAIN_ID)], folder) as (pid, port):
        chain = _chain(pid, port, nobody(), "anvil")
        chain.rpc("anvil_setBalance", chain.rich.address, hex(canonical.FAUCET_WEI))
        for address, code in canonical.contracts().items():
            chain.rpc("anvil_setCode", address, f"0x{code.hex()}")
        yield chain


def nobody() -> LocalAccount:
    """A new account without coin."""
    made: LocalAccount = eth_account.Account.create()
    return made


def _chain(pid: int, port: int, rich: LocalAccount, kind: str) -> TestChain:
    url = f"http://127.0.0.1:{port}"
    chain = TestChain(url, chain_id=0, rich=rich, kind=kind, pid=pid)
    chain.chain_id = int(chain.rpc("eth_chainId"), 16)
    return chain


@contextmanager
def running(command: Sequence[str], folder: Path) -> Iterator[tuple[int, int]]:
    """Yields its pid and the port it says it listens on."""
    said = folder / "chain.log"
    environment = {"PATH": os.environ["PATH"], "WETUBE_DATA": str(folder), "PYTHONUNBUFFERED": "1"}
    with said.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env=environment)
    try:
        yield process.pid, _port(process, said)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(process: "subprocess.Popen[bytes]", said: Path) -> int:
    deadline = time.monotonic() + START_WITHIN
    while not (found := LISTENING.search(said.read_text())):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The chain did not start:\n{said.read_text()}")
        time.sleep(0.05)
    return int(found[1])
