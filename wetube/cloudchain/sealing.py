"""Closing a block over its one transaction: roots, bloom, and what is kept of it."""

from dataclasses import replace

import rlp  # type: ignore[import-untyped]
from eth_bloom.bloom import BloomFilter
from trie.hexary import HexaryTrie

from wetube.cloudchain.evm import Log, Outcome
from wetube.cloudchain.headers import Header
from wetube.cloudchain.store import Mined
from wetube.cloudchain.transactions import Transaction


def seal(header: Header, transaction: Transaction, outcome: Outcome) -> Header:
    """The header as it stands once the transaction has run."""
    bloom = bloom_of(outcome.logs)
    succeeded = 0 if outcome.failure else 1
    receipt = [succeeded, outcome.gas_used, bloom, [_as_list(log) for log in outcome.logs]]
    kind = bytes([transaction.kind]) if transaction.kind else b""
    return replace(
        header,
        state_root=outcome.state_root,
        transactions_root=_root_over(transaction.raw),
        receipts_root=_root_over(kind + rlp.encode(receipt)),
        bloom=bloom,
        gas_used=outcome.gas_used,
    )


def mined(transaction: Transaction, outcome: Outcome) -> Mined:
    return Mined(
        hash=transaction.hash,
        raw=transaction.raw,
        sender=transaction.sender,
        succeeded=not outcome.failure,
        created=None if outcome.failure else outcome.created,
        logs=tuple((log.address, log.topics, log.data) for log in outcome.logs),
    )


def bloom_of(logs: tuple[Log, ...]) -> bytes:
    bloom = BloomFilter()
    for log in logs:
        bloom.extend((log.address, *log.topics))
    return int(bloom).to_bytes(256, "big")


def _root_over(only: bytes) -> bytes:
    trie = HexaryTrie({})
    trie[rlp.encode(0)] = only
    return bytes(trie.root_hash)


def _as_list(log: Log) -> list[object]:
    return [log.address, list(log.topics), log.data]
