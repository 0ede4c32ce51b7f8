"""What a method has at hand: the chain's file to read, and the engine to ask."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from wetube.cloudchain.engine import Engine
from wetube.cloudchain.evm import Evm
from wetube.cloudchain.headers import Header
from wetube.cloudchain.params import BlockTag, Params
from wetube.cloudchain.reader import Reader


class NoSuchBlock(Exception):
    """The block asked for is not there."""

    def __init__(self) -> None:
        super().__init__("header not found")


@dataclass(frozen=True)
class Desk:
    """One for each thread that answers. `clock` tells the chain's time in seconds."""

    reader: Reader
    evm: Evm
    engine: Engine
    chain_id: int
    clock: Callable[[], float]

    def block(self, tag: BlockTag) -> Header | None:
        """A mined block's header; the newest for latest, safe, finalized and pending."""
        if isinstance(tag, bytes):
            return self.reader.header_by_hash(tag)
        if isinstance(tag, int):
            return self.reader.header(tag) if tag < 2**63 else None
        return self.reader.header(0) if tag == "earliest" else self.reader.head()

    def state(self, tag: BlockTag) -> Header:
        """Raises NoSuchBlock."""
        header = self.block(tag)
        if header is None:
            raise NoSuchBlock
        return header

    def place(self, tag: BlockTag) -> Header:
        """Where a call finds itself: for the newest block the time is now. Raises NoSuchBlock."""
        header = self.state(tag)
        if tag == "pending":
            return header.child(now=int(self.clock()))
        if isinstance(tag, str) and tag != "earliest":
            return replace(header, timestamp=max(header.timestamp, int(self.clock())))
        return header


Method = Callable[[Desk, Params], Any]
