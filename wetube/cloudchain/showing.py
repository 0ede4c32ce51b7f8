"""Blocks, transactions, receipts and logs as JSON-RPC shows them."""

from collections.abc import Sequence
from typing import Any

import rlp  # type: ignore[import-untyped]

from wetube.cloudchain.headers import NO_REQUESTS, NO_TRIE, NO_UNCLES, NOTHING, Header
from wetube.cloudchain.reader import Entry, LogRow
from wetube.cloudchain.transactions import Transaction

Shown = dict[str, Any]


def data(value: bytes) -> str:
    return f"0x{value.hex()}"


def block(header: Header, transaction: Transaction | None, *, whole: bool) -> Shown:
    """`whole` shows the transaction itself, else its hash alone."""
    shown: list[object] = []
    if transaction:
        shown = [mined_transaction(header, transaction) if whole else data(transaction.hash)]
    raw = [] if transaction is None else [_inside_a_block(transaction)]
    return {
        "number": hex(header.number),
        "hash": data(header.hash),
        "parentHash": data(header.parent),
        "nonce": "0x0000000000000000",
        "sha3Uncles": data(NO_UNCLES),
        "logsBloom": data(header.bloom),
        "transactionsRoot": data(header.transactions_root),
        "stateRoot": data(header.state_root),
        "receiptsRoot": data(header.receipts_root),
        "miner": data(header.coinbase),
        "difficulty": "0x0",
        "totalDifficulty": "0x0",
        "extraData": "0x",
        "size": hex(len(rlp.encode([header.as_list(), raw, [], []]))),
        "gasLimit": hex(header.gas_limit),
        "gasUsed": hex(header.gas_used),
        "timestamp": hex(header.timestamp),
        "mixHash": data(NOTHING),
        "baseFeePerGas": hex(header.base_fee),
        "withdrawalsRoot": data(NO_TRIE),
        "blobGasUsed": "0x0",
        "excessBlobGas": "0x0",
        "parentBeaconBlockRoot": data(NOTHING),
        "requestsHash": data(NO_REQUESTS),
        "uncles": [],
        "withdrawals": [],
        "transactions": shown,
    }


def pending_block(header: Header) -> Shown:
    """The block that would come next; it has no name yet."""
    return {**block(header, None, whole=False), "hash": None, "nonce": None, "logsBloom": None}


def mined_transaction(header: Header, found: Transaction) -> Shown:
    return {
        **_transaction(found, price=found.price(header.base_fee)),
        "blockHash": data(header.hash),
        "blockNumber": hex(header.number),
        "transactionIndex": "0x0",
    }


def waiting_transaction(found: Transaction) -> Shown:
    place = {"blockHash": None, "blockNumber": None, "transactionIndex": None}
    return {**_transaction(found, price=found.max_fee), **place}


def receipt(entry: Entry, found: Transaction, logs: Sequence[LogRow]) -> Shown:
    header = entry.header
    return {
        "transactionHash": data(entry.hash),
        "transactionIndex": "0x0",
        "blockHash": data(header.hash),
        "blockNumber": hex(header.number),
        "from": data(found.sender),
        "to": data(found.to) if found.to else None,
        "cumulativeGasUsed": hex(header.gas_used),
        "gasUsed": hex(header.gas_used),
        "effectiveGasPrice": hex(found.price(header.base_fee)),
        "contractAddress": data(entry.created) if entry.created else None,
        "logs": [log(row) for row in logs],
        "logsBloom": data(header.bloom),
        "type": hex(found.kind),
        "status": "0x1" if entry.succeeded else "0x0",
    }


def log(row: LogRow) -> Shown:
    return {
        "address": data(row.address),
        "topics": [data(topic) for topic in row.topics],
        "data": data(row.data),
        "blockNumber": hex(row.block),
        "blockHash": data(row.block_hash),
        "blockTimestamp": hex(row.timestamp),
        "transactionHash": data(row.transaction),
        "transactionIndex": "0x0",
        "logIndex": hex(row.position),
        "removed": False,
    }


def _transaction(found: Transaction, *, price: int) -> Shown:
    shown: Shown = {
        "hash": data(found.hash),
        "type": hex(found.kind),
        "chainId": hex(found.chain_id),
        "nonce": hex(found.nonce),
        "from": data(found.sender),
        "to": data(found.to) if found.to else None,
        "value": hex(found.value),
        "gas": hex(found.gas),
        "gasPrice": hex(price),
        "input": data(found.data),
        "v": hex(found.v),
        "r": hex(found.r),
        "s": hex(found.s),
    }
    if found.kind:
        shown |= {
            "yParity": hex(found.v),
            "accessList": [_access(part) for part in found.access_list],
        }
    if found.kind == 2:
        shown["maxFeePerGas"] = hex(found.max_fee)
        shown["maxPriorityFeePerGas"] = hex(found.max_priority_fee)
    return shown


def _access(part: tuple[bytes, tuple[int, ...]]) -> Shown:
    address, slots = part
    return {
        "address": data(address),
        "storageKeys": [data(slot.to_bytes(32, "big")) for slot in slots],
    }


def _inside_a_block(found: Transaction) -> object:
    """A typed transaction is a string of bytes there, an untyped one a list."""
    return found.raw if found.kind else rlp.decode(found.raw)
