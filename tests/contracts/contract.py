"""A contract on the machine, called by its functions' names; its errors are raised by theirs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, Self

import pytest
from eth_abi.abi import decode, encode
from eth_hash.auto import keccak

from tests.contracts.machine import Ran

BUILD = Path(__file__).resolve().parents[2] / "contracts" / "build"
NAMES = (
    "Cloudcoin", "CloudMint", "GatewayVault", "BatchSettlement", "DepositCollector", "Multicall",
)  # fmt: skip

Abi = list[dict[str, Any]]


class Runs(Protocol):
    """What contracts stand on: the machine in this process, or a chain far away."""

    @property
    def root(self) -> object: ...
    def next_address(self, sender: bytes, ahead: int = 0) -> bytes: ...
    def create(self, sender: bytes, code: bytes) -> tuple[bytes, Ran]: ...
    def run(self, sender: bytes, to: bytes, data: bytes) -> Ran: ...
    def look(self, to: bytes, data: bytes) -> Ran: ...


class Refused(Exception):
    """A contract said no; `name` is the error's, with its arguments."""

    def __init__(self, name: str, arguments: tuple[Any, ...]) -> None:
        super().__init__(f"{name}{arguments}")
        self.name = name
        self.arguments = arguments


@dataclass(frozen=True)
class Event:
    name: str
    arguments: dict[str, Any]


@cache
def artifact(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((BUILD / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def code_of(name: str, part: str = "runtime") -> bytes:
    return bytes.fromhex(artifact(name)[part].removeprefix("0x"))


class Contract:
    def __init__(self, machine: Runs, name: str, address: bytes) -> None:
        self.machine = machine
        self.name = name
        self.address = address
        self.abi: Abi = artifact(name)["abi"]

    @contextmanager
    def refuses(self, error: str) -> Iterator[None]:
        """What is done inside is refused by an error of that name, and nothing has changed."""
        before = self.machine.root
        with pytest.raises(Refused) as refused:
            yield
        assert refused.value.name == error, refused.value
        assert self.machine.root == before

    @classmethod
    def make(cls, machine: Runs, sender: bytes, name: str, *arguments: Any) -> Self:
        """Raises Refused where the constructor does."""
        return cls.made(machine, sender, name, *arguments)[0]

    @classmethod
    def made(cls, machine: Runs, sender: bytes, name: str, *arguments: Any) -> tuple[Self, int]:
        """The same, with the gas it took."""
        inputs = [
            entry["inputs"] for entry in artifact(name)["abi"] if entry["type"] == "constructor"
        ]
        code = code_of(name, "bytecode") + encode(_types(inputs[0] if inputs else []), arguments)
        address, ran = machine.create(sender, code)
        _raise_refusal(ran)
        return cls(machine, name, address), ran.gas

    def send(self, sender: bytes, function: str, *arguments: Any) -> Ran:
        """A transaction. `function` is a name, or a signature if there are two. Raises Refused."""
        ran = self.machine.run(sender, self.address, self.data(function, *arguments))
        _raise_refusal(ran)
        return ran

    def ask(self, function: str, *arguments: Any) -> Any:
        """What a view answers; one value, or a tuple."""
        ran = self.machine.look(self.address, self.data(function, *arguments))
        _raise_refusal(ran)
        answer = decode(_types(self._entry(function)["outputs"]), ran.output)
        return answer[0] if len(answer) == 1 else answer

    def data(self, function: str, *arguments: Any) -> bytes:
        types = _types(self._entry(function)["inputs"])
        return _selector(_signature(self._entry(function))) + encode(types, arguments)

    def events(self, ran: Ran) -> list[Event]:
        """Those this contract wrote, in order."""
        return [self._event(log) for log in ran.logs if log.address == self.address]

    def _event(self, log: Any) -> Event:
        entry = next(
            entry for entry in self.abi
            if entry["type"] == "event" and keccak(_signature(entry).encode()) == log.topics[0]
        )  # fmt: skip
        indexed = [part for part in entry["inputs"] if part["indexed"]]
        plain = [part for part in entry["inputs"] if not part["indexed"]]
        values = dict(zip([p["name"] for p in plain], decode(_types(plain), log.data), strict=True))
        for part, topic in zip(indexed, log.topics[1:], strict=True):
            values[part["name"]] = decode(_types([part]), topic)[0]
        return Event(entry["name"], values)

    def _entry(self, function: str) -> dict[str, Any]:
        return _function(self.name, function)


@cache
def _function(contract: str, function: str) -> dict[str, Any]:
    found = [
        entry
        for entry in artifact(contract)["abi"]
        if entry["type"] == "function" and function in (entry["name"], _signature(entry))
    ]
    if len(found) != 1:
        raise LookupError(f"{len(found)} functions of {contract} are called {function}")
    entry: dict[str, Any] = found[0]
    return entry


def _raise_refusal(ran: Ran) -> None:
    if ran.success:
        return
    entry = _errors().get(ran.output[:4])
    if entry is None:
        raise Refused(f"0x{ran.output.hex()}", ())
    raise Refused(entry["name"], decode(_types(entry["inputs"]), ran.output[4:]))


@cache
def _errors() -> dict[bytes, dict[str, Any]]:
    plain = [
        {"name": "Error", "inputs": [{"type": "string"}]},
        {"name": "Panic", "inputs": [{"type": "uint256"}]},
    ]
    entries = plain + [e for name in NAMES for e in artifact(name)["abi"] if e["type"] == "error"]
    return {_selector(_signature(entry)): entry for entry in entries}


def _signature(entry: dict[str, Any]) -> str:
    return f"{entry['name']}({','.join(_types(entry['inputs']))})"


def _selector(signature: str) -> bytes:
    return bytes(keccak(signature.encode())[:4])


def _types(parts: Abi) -> list[str]:
    return [_type(part) for part in parts]


def _type(part: dict[str, Any]) -> str:
    if not part["type"].startswith("tuple"):
        return str(part["type"])
    return f"({','.join(_types(part['components']))}){part['type'].removeprefix('tuple')}"
