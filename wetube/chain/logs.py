"""Logs of our contracts out of ranges of blocks, however narrow a range the node allows."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wetube.chain import abi, contracts, json_values, rpc
from wetube.chain.models import Deployment

logger = logging.getLogger(__name__)

WIDEST = 5_000
FOLLOWED = (contracts.TOKEN, contracts.MINT, contracts.VAULT, contracts.CHANNELS)


@dataclass
class Width:
    """How many blocks we ask for at once: halved when the node refuses, doubled when it gives."""

    blocks: int = WIDEST

    def narrow(self) -> bool:
        """False when it cannot be narrower."""
        self.blocks //= 2
        return self.blocks >= 1

    def widen(self) -> None:
        self.blocks = min(self.blocks * 2, WIDEST)


@dataclass(frozen=True)
class Log:
    """One event, read; `args` as JSON keeps them, `topics` the words it can be found by."""

    block_number: int
    block_hash: str
    log_index: int
    tx_hash: str
    contract: str
    name: str
    args: dict[str, Any]
    topics: frozenset[str] = field(default=frozenset())


def in_range(where: Deployment, first: int, last: int) -> Iterator[tuple[int, list[Log]]]:
    """Pairs of a block up to which all is read, and the logs since the pair before.

    Raises ChainAway, and RpcRefused when even one block is refused.
    """
    width = Width()
    while first <= last:
        upto = min(last, first + width.blocks - 1)
        try:
            logs = _ask(where, {"fromBlock": hex(first), "toBlock": hex(upto)})
        except rpc.RpcRefused:
            if not width.narrow():
                raise
            continue
        except rpc.ChainAway:
            # Some nodes fall silent over a range that is too much for them.
            if first == upto or not width.narrow():
                raise
            continue
        yield upto, logs
        first = upto + 1
        width.widen()


def in_block(where: Deployment, block_hash: str) -> list[Log]:
    """The logs of exactly this block, even while the chain turns; raises ChainAway."""
    return _ask(where, {"blockHash": block_hash})


def _ask(where: Deployment, words: dict[str, str]) -> list[Log]:
    names = {where.address_of(name): name for name in FOLLOWED}
    said = rpc.ask("eth_getLogs", [{**words, "address": list(names)}])
    by_address = {address.lower(): name for address, name in names.items()}
    read = (_read(by_address[log["address"].lower()], log) for log in said)
    return [log for log in read if log is not None]


def _read(contract: str, log: dict[str, Any]) -> Log | None:
    """None for an event that stands in no ABI of ours."""
    topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
    entry = contracts.events(contract).get(topics[0]) if topics else None
    if entry is None or log.get("removed"):
        return None
    args = abi.decode_event(entry, topics, bytes.fromhex(log["data"][2:]))
    return Log(
        block_number=int(log["blockNumber"], 16),
        block_hash=log["blockHash"],
        log_index=int(log["logIndex"], 16),
        tx_hash=log["transactionHash"],
        contract=contract,
        name=entry["name"],
        args=json_values.of(args),
        topics=frozenset("0x" + topic.hex() for topic in topics[1:]),
    )
