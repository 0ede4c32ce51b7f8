"""What a doctor finds: a name, how bad it is, and what to do about it."""

from dataclasses import dataclass
from typing import Literal

from script.shell import paint, say

COLOURS = {"ok": 32, "weak": 33, "missing": 31}


@dataclass(frozen=True)
class Finding:
    """`weak` works, but worse than it could; with `missing` WeTube does not work."""

    level: Literal["ok", "weak", "missing"]
    name: str
    words: str

    def tell(self) -> None:
        say(f"{paint(f'{self.level:8}', COLOURS[self.level])}{self.name:14} {self.words}")


def ok(name: str, words: str) -> Finding:
    return Finding("ok", name, words)


def weak(name: str, words: str) -> Finding:
    return Finding("weak", name, words)


def missing(name: str, words: str) -> Finding:
    return Finding("missing", name, words)
