"""Calls, answers and events as bytes, by the ABI in a contract's artifact (Solidity's ABI, 0.8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode

from wetube.chain import addresses
from wetube.chain.hashing import keccak

Part = Mapping[str, Any]


class NoSuchCall(LookupError):
    """The contract has no such function, or none that takes these arguments."""


@dataclass(frozen=True)
class Call:
    """A function of a contract: what goes in and what comes out, as the ABI describes it."""

    name: str
    inputs: Sequence[Part]
    outputs: Sequence[Part]

    @property
    def signature(self) -> str:
        return f"{self.name}({','.join(map(canonical_type, self.inputs))})"

    def encode(self, args: Sequence[Any]) -> bytes:
        """The bytes to send; a tuple may be given as a mapping by names."""
        types = [canonical_type(part) for part in self.inputs]
        values = [_plain(part, value) for part, value in zip(self.inputs, args, strict=True)]
        return keccak(self.signature.encode())[:4] + abi_encode(types, values)

    def decode(self, answer: bytes) -> Any:
        """The one value that comes out, or a tuple of them; None when nothing does."""
        values = decode_values(self.outputs, answer)
        return values[0] if len(values) == 1 else (tuple(values) or None)


def call_of(abi: Sequence[Part], name: str, arguments: int) -> Call:
    """The function by its name and number of arguments, or by its whole signature."""
    for entry in abi:
        if entry["type"] != "function":
            continue
        call = Call(entry["name"], entry["inputs"], entry["outputs"])
        if name == call.signature or (name == call.name and arguments == len(call.inputs)):
            return call
    raise NoSuchCall(f"{name} with {arguments} arguments")


def constructor_args(abi: Sequence[Part], args: Sequence[Any]) -> bytes:
    """What stands behind the code of a new contract."""
    inputs: Sequence[Part] = next(
        (entry["inputs"] for entry in abi if entry["type"] == "constructor"), []
    )
    values = [_plain(part, value) for part, value in zip(inputs, args, strict=True)]
    return abi_encode([canonical_type(part) for part in inputs], values)


def canonical_type(part: Part) -> str:
    """The type as it is hashed: a struct is a tuple of its parts."""
    kind = str(part["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(map(canonical_type, part['components']))}){kind.removeprefix('tuple')}"


def decode_values(parts: Sequence[Part], data: bytes) -> list[Any]:
    """Values as we write them: addresses with their checksum, tuples as mappings by names."""
    values = abi_decode([canonical_type(part) for part in parts], data)
    return [_ours(part, value) for part, value in zip(parts, values, strict=True)]


def event_topic(entry: Part) -> bytes:
    return keccak(f"{entry['name']}({','.join(map(canonical_type, entry['inputs']))})".encode())


def decode_event(entry: Part, topics: Sequence[bytes], data: bytes) -> dict[str, Any]:
    """Arguments by name. An indexed text or list is only there as its hash, and given as that."""
    indexed = [part for part in entry["inputs"] if part["indexed"]]
    others = [part for part in entry["inputs"] if not part["indexed"]]
    values = dict(zip((part["name"] for part in others), decode_values(others, data), strict=True))
    for part, topic in zip(indexed, topics[1:], strict=True):
        values[part["name"]] = decode_values([part], topic)[0] if _fits(part) else topic
    return {part["name"]: values[part["name"]] for part in entry["inputs"]}


def _fits(part: Part) -> bool:
    """Whether the value itself stands in a topic of 32 bytes, not its hash."""
    kind = str(part["type"])
    return kind not in ("string", "bytes") and "[" not in kind and not kind.startswith("tuple")


def _plain(part: Part, value: Any) -> Any:
    """What eth-abi takes: tuples without names, bytes as bytes."""
    kind = str(part["type"])
    if kind.endswith("]"):
        element = {**part, "type": kind[: kind.rindex("[")]}
        return [_plain(element, item) for item in value]
    if kind == "tuple":
        names = [component["name"] for component in part["components"]]
        items = [value[name] for name in names] if isinstance(value, Mapping) else value
        return tuple(
            _plain(component, item)
            for component, item in zip(part["components"], items, strict=True)
        )
    if kind.startswith("bytes") and isinstance(value, str):
        return bytes.fromhex(value.removeprefix("0x"))
    return value


def _ours(part: Part, value: Any) -> Any:
    kind = str(part["type"])
    if kind.endswith("]"):
        element = {**part, "type": kind[: kind.rindex("[")]}
        return [_ours(element, item) for item in value]
    if kind == "tuple":
        parts = part["components"]
        return {
            component["name"]: _ours(component, item)
            for component, item in zip(parts, value, strict=True)
        }
    return addresses.normal(value) if kind == "address" else value
