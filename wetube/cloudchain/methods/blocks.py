"""The chain as a whole, and its blocks."""

from wetube.cloudchain import params, showing, transactions
from wetube.cloudchain.evm import MACHINE
from wetube.cloudchain.headers import Header
from wetube.cloudchain.methods.desk import Desk, Method
from wetube.cloudchain.params import BlockTag, Params
from wetube.cloudchain.reader import Search
from wetube.cloudchain.showing import Shown


def _chain_id(desk: Desk, given: Params) -> str:
    return hex(desk.chain_id)


def _net_version(desk: Desk, given: Params) -> str:
    return str(desk.chain_id)


def _client_version(desk: Desk, given: Params) -> str:
    return f"WeTube-cloudchain/1 {MACHINE}"


def _listening(desk: Desk, given: Params) -> bool:
    return True


def _syncing(desk: Desk, given: Params) -> bool:
    return False


def _block_number(desk: Desk, given: Params) -> str:
    return hex(desk.reader.head().number)


def _by_tag(desk: Desk, given: Params) -> Shown | None:
    tag = given.need(0, params.block_tag)
    whole = given.may(1, params.flag, default=False)
    if tag == "pending":
        return showing.pending_block(desk.place(tag))
    return _shown(desk, desk.block(tag), whole=whole)


def _by_hash(desk: Desk, given: Params) -> Shown | None:
    whole = given.may(1, params.flag, default=False)
    return _shown(desk, desk.block(given.need(0, params.word)), whole=whole)


def _count(desk: Desk, given: Params) -> str | None:
    header = desk.block(given.need(0, _tag_or_hash))
    if header is None:
        return None
    return "0x1" if desk.reader.entry_of(header.number) else "0x0"


def _receipts(desk: Desk, given: Params) -> list[Shown] | None:
    header = desk.block(given.need(0, _tag_or_hash))
    if header is None:
        return None
    entry = desk.reader.entry_of(header.number)
    if entry is None:
        return []
    found = transactions.decode(entry.raw, chain_id=desk.chain_id)
    logs = desk.reader.logs(Search(header.number, header.number))
    return [showing.receipt(entry, found, logs)]


def _tag_or_hash(value: object) -> BlockTag:
    is_hash = isinstance(value, str) and len(value) == 66
    return params.word(value) if is_hash else params.block_tag(value)


def _shown(desk: Desk, header: Header | None, *, whole: bool) -> Shown | None:
    if header is None:
        return None
    entry = desk.reader.entry_of(header.number)
    found = transactions.decode(entry.raw, chain_id=desk.chain_id) if entry else None
    return showing.block(header, found, whole=whole)


METHODS: dict[str, Method] = {
    "eth_chainId": _chain_id,
    "net_version": _net_version,
    "net_listening": _listening,
    "web3_clientVersion": _client_version,
    "eth_syncing": _syncing,
    "eth_blockNumber": _block_number,
    "eth_getBlockByNumber": _by_tag,
    "eth_getBlockByHash": _by_hash,
    "eth_getBlockTransactionCountByNumber": _count,
    "eth_getBlockTransactionCountByHash": _count,
    "eth_getBlockReceipts": _receipts,
}
