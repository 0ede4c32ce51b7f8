"""The same machine, but far away: transactions of a real chain, signed, sent and mined."""

from dataclasses import dataclass, field
from typing import Any

import eth_account
from eth_account.signers.local import LocalAccount

from tests.chains.servers import RpcFault, TestChain
from tests.contracts.machine import NOBODY, Log, Ran, next_address
from tests.contracts.signing import Person

GAS = 4_000_000


@dataclass
class Remote:
    """Only people it was told of can send; each is given native coin for gas."""

    chain: TestChain
    accounts: dict[bytes, LocalAccount] = field(default_factory=dict)

    def knows(self, *people: Person) -> None:
        for person in people:
            account: LocalAccount = eth_account.Account.from_key(person.key.to_bytes())
            self.accounts[person.address] = account
            self.chain.fund(account.address)

    @property
    def now(self) -> int:
        return int(self.chain.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    @property
    def root(self) -> str:
        """What everything amounts to, as the newest block says."""
        return str(self.chain.rpc("eth_getBlockByNumber", "latest", False)["stateRoot"])

    def wait(self, seconds: int) -> None:
        self.chain.warp(seconds)

    def next_address(self, sender: bytes, ahead: int = 0) -> bytes:
        return next_address(sender, self.chain.nonce(self.accounts[sender]) + ahead)

    def create(self, sender: bytes, code: bytes) -> tuple[bytes, Ran]:
        receipt = self.chain.send(self.accounts[sender], data=code, gas=GAS)
        return bytes.fromhex(receipt["contractAddress"][2:]), _ran(receipt)

    def run(self, sender: bytes, to: bytes, data: bytes) -> Ran:
        """What would fail is not sent, and so leaves no trace."""
        if not (tried := self._try(sender, to, data)).success:
            return tried
        account = self.accounts[sender]
        return _ran(self.chain.send(account, to=to, data=data, gas=GAS))

    def look(self, to: bytes, data: bytes) -> Ran:
        return self._try(NOBODY, to, data)

    def _try(self, sender: bytes, to: bytes, data: bytes) -> Ran:
        call = {"from": _hex(sender), "to": _hex(to), "data": _hex(data)}
        try:
            output = bytes.fromhex(self.chain.rpc("eth_call", call, "latest")[2:])
        except RpcFault as fault:
            return Ran(success=False, output=bytes.fromhex((fault.data or "")[2:]), gas=0, logs=())
        return Ran(success=True, output=output, gas=0, logs=())


def _ran(receipt: dict[str, Any]) -> Ran:
    logs = tuple(
        Log(
            bytes.fromhex(log["address"][2:]),
            tuple(bytes.fromhex(topic[2:]) for topic in log["topics"]),
            bytes.fromhex(log["data"][2:]),
        )
        for log in receipt["logs"]
    )
    return Ran(receipt["status"] == "0x1", b"", int(receipt["gasUsed"], 16), logs)


def _hex(value: bytes) -> str:
    return f"0x{value.hex()}"
