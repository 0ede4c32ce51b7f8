"""Transactions: sent, looked up, and their receipts."""

from wetube.cloudchain import params, showing, transactions
from wetube.cloudchain.methods.desk import Desk, Method
from wetube.cloudchain.params import Params
from wetube.cloudchain.reader import Search
from wetube.cloudchain.showing import Shown


def _send(desk: Desk, given: Params) -> str:
    found = transactions.decode(given.need(0, params.data), chain_id=desk.chain_id)
    return showing.data(desk.engine.send(lambda chain: chain.send(found)))


def _by_hash(desk: Desk, given: Params) -> Shown | None:
    name = given.need(0, params.word)
    entry = desk.reader.entry(name)
    if entry:
        found = transactions.decode(entry.raw, chain_id=desk.chain_id)
        return showing.mined_transaction(entry.header, found)
    raw = desk.reader.waiting(name)
    if raw is None:
        return None
    return showing.waiting_transaction(transactions.decode(raw, chain_id=desk.chain_id))


def _by_place(desk: Desk, given: Params) -> Shown | None:
    header = desk.block(given.need(0, params.block_tag))
    entry = desk.reader.entry_of(header.number) if header else None
    if header is None or entry is None or given.need(1, params.quantity):
        return None
    return showing.mined_transaction(header, transactions.decode(entry.raw, chain_id=desk.chain_id))


def _receipt(desk: Desk, given: Params) -> Shown | None:
    entry = desk.reader.entry(given.need(0, params.word))
    if entry is None:
        return None
    number = entry.header.number
    found = transactions.decode(entry.raw, chain_id=desk.chain_id)
    return showing.receipt(entry, found, desk.reader.logs(Search(number, number)))


METHODS: dict[str, Method] = {
    "eth_sendRawTransaction": _send,
    "eth_getTransactionByHash": _by_hash,
    "eth_getTransactionByBlockNumberAndIndex": _by_place,
    "eth_getTransactionReceipt": _receipt,
}
