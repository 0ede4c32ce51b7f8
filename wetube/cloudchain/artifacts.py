"""Our compiled contracts, as `contracts/compile.mjs` left them in `contracts/build/`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

BUILD = Path(__file__).resolve().parents[2] / "contracts" / "build"


class ArtifactMissing(Exception):
    """There is no compiled contract of that name; the message says what to run."""


@dataclass(frozen=True)
class Artifact:
    """`bytecode` creates the contract and `runtime` is the code it then has."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes
    runtime: bytes


@cache
def load(name: str, folder: Path = BUILD) -> Artifact:
    """Raises ArtifactMissing."""
    path = folder / f"{name}.json"
    try:
        parts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArtifactMissing(f"There is no {path}; run script/contracts to compile it.") from None
    return Artifact(name, parts["abi"], _code(parts["bytecode"]), _code(parts["runtime"]))


def _code(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))
