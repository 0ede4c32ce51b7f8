"""Following what was sent: into a block, under enough others, or back out when the chain turns."""

import logging
from datetime import timedelta
from typing import Any

from django.utils import timezone

from wetube.chain import reading, rpc
from wetube.chain.models import ChainTx, Deployment, Sender

logger = logging.getLogger(__name__)

# A nonce that is spent while no form of ours has a receipt for so long was spent by others.
LOST_AFTER = timedelta(seconds=60)


def follow(sender: Sender, where: Deployment) -> int:
    """How many rows moved. Raises ChainAway."""
    rows = ChainTx.objects.filter(sender=sender.address, state__in=("sent", "mined"))
    if not rows:
        return 0
    head = reading.head()
    used = int(rpc.ask("eth_getTransactionCount", [sender.address, "latest"]), 16)
    return sum(_follow(row, where, head=head, used=used) for row in rows.order_by("nonce"))


def _follow(row: ChainTx, where: Deployment, *, head: int, used: int) -> int:
    if row.nonce is None or (row.state == ChainTx.State.SENT and row.nonce >= used):
        return 0
    receipt = _receipt(row)
    if receipt is None:
        return _gone(row, where, head)
    moved = _note_block(row, receipt)
    if head - int(receipt["blockNumber"], 16) + 1 >= where.confirmations:
        moved += _end(row)
    return moved


def _receipt(row: ChainTx) -> Any | None:
    """Of whichever signed form a block holds."""
    for name in row.signed.order_by("-pk").values_list("hash", flat=True):
        if receipt := rpc.ask("eth_getTransactionReceipt", [name]):
            return receipt
    return None


def _note_block(row: ChainTx, receipt: Any) -> int:
    if row.state == ChainTx.State.MINED and row.block_hash == receipt["blockHash"]:
        return 0
    found = {
        "hash": receipt["transactionHash"],
        "block_number": int(receipt["blockNumber"], 16),
        "block_hash": receipt["blockHash"],
        "gas_used": int(receipt["gasUsed"], 16),
        "succeeded": int(receipt["status"], 16) == 1,
    }
    found["error"] = "" if found["succeeded"] else _reason(row, found)
    if row.state == ChainTx.State.SENT:
        return int(row.moved_to(ChainTx.State.MINED, **found))
    # The chain turned and holds it in another block.
    ChainTx.objects.filter(pk=row.pk, state=ChainTx.State.MINED).update(**found)
    row.refresh_from_db()
    return 1


def _reason(row: ChainTx, found: dict[str, Any]) -> str:
    """What the contract said: asked again on the state before the block, which comes close."""
    form = row.signed.get(hash=found["hash"])
    if found["gas_used"] >= form.gas:
        return "It ran out of gas."
    try:
        reading.simulate(
            row.to, bytes(row.data), sender=row.sender, block=found["block_number"] - 1
        )
    except reading.Reverted as refusal:
        return str(refusal)[:500]
    except rpc.RpcRefused as refusal:
        logger.info("The node does not say why %s failed: %s", row.intent, refusal.message)
    return "The contract refused; asked again it gives no reason."


def _end(row: ChainTx) -> int:
    if row.state != ChainTx.State.MINED:
        return 0
    return int(row.moved_to(ChainTx.State.FINAL if row.succeeded else ChainTx.State.FAILED))


def _gone(row: ChainTx, where: Deployment, head: int) -> int:
    """No block holds it: taken back by the chain, or its nonce was spent by something else."""
    if row.state == ChainTx.State.MINED:
        logger.warning("The chain took %s back; it is sent again", row.intent)
        nowhere = {"block_number": None, "block_hash": "", "gas_used": None, "succeeded": None}
        return int(row.moved_to(ChainTx.State.SENT, **nowhere))
    if row.state_since > timezone.now() - LOST_AFTER or not _is_spent_for_good(row, where, head):
        return 0
    logger.warning("The nonce of %s was spent elsewhere", row.intent)
    if row.reserved:
        lost = "Another transaction took its nonce."
        return int(row.moved_to(ChainTx.State.REPLACED, error=lost))
    return int(row.moved_to(ChainTx.State.BUILT, nonce=None, hash=""))


def _is_spent_for_good(row: ChainTx, where: Deployment, head: int) -> bool:
    final = max(0, head - where.confirmations + 1)
    used = int(rpc.ask("eth_getTransactionCount", [row.sender, hex(final)]), 16)
    return row.nonce is not None and row.nonce < used
