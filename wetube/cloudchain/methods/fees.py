"""What gas costs. Blocks are nearly empty, so the base fee stays at its least."""

from typing import Any

from wetube.cloudchain import params, transactions
from wetube.cloudchain.headers import Header
from wetube.cloudchain.methods.desk import Desk, Method
from wetube.cloudchain.params import Params

TIP = 1  # wei: some clients take none for "not known"
MOST_BLOCKS = 1_024


def _gas_price(desk: Desk, given: Params) -> str:
    return hex(desk.reader.head().next_base_fee() + TIP)


def _tip(desk: Desk, given: Params) -> str:
    return hex(TIP)


def _blob_fee(desk: Desk, given: Params) -> str:
    return hex(1)


def _history(desk: Desk, given: Params) -> dict[str, Any]:
    count = min(given.need(0, _count), MOST_BLOCKS)
    last = desk.state(given.need(1, params.block_tag))
    wanted = given.may(2, params.percentiles, ())
    headers = desk.reader.headers(max(last.number - count + 1, 0), last.number) if count else []
    history: dict[str, Any] = {
        "oldestBlock": hex(headers[0].number if headers else 0),
        "gasUsedRatio": [header.gas_used / header.gas_limit for header in headers],
    }
    if headers:
        fees = [*[header.base_fee for header in headers], last.next_base_fee()]
        history["baseFeePerGas"] = [hex(fee) for fee in fees]
    if wanted:
        history["reward"] = [[hex(_paid(desk, header))] * len(wanted) for header in headers]
    return history


def _count(value: object) -> int:
    """Some clients send a plain number here."""
    return value if type(value) is int and value >= 0 else params.quantity(value)


def _paid(desk: Desk, header: Header) -> int:
    """The tip of the block's transaction; a block has one at most, so it is every percentile."""
    entry = desk.reader.entry_of(header.number)
    if entry is None:
        return 0
    found = transactions.decode(entry.raw, chain_id=desk.chain_id)
    return found.price(header.base_fee) - header.base_fee


METHODS: dict[str, Method] = {
    "eth_gasPrice": _gas_price,
    "eth_maxPriorityFeePerGas": _tip,
    "eth_blobBaseFee": _blob_fee,
    "eth_feeHistory": _history,
}
