"""Handing what is signed to the chain's node, again and again, until a block holds it.

The same bytes sent twice are one transaction, so sending needs no care: what was lost
on the way, thrown out of the node's pool or taken back with a block is simply sent again.
"""

from datetime import timedelta

from django.utils import timezone

from wetube.chain import rpc
from wetube.chain.models import ChainTx, Sender, SignedTx

SEND_AGAIN_AFTER = timedelta(seconds=10)
TOO_CHEAP = "The node wants a higher price."

# Words of geth, reth, Nethermind, anvil and our own chain.
_KNOWN = ("already known", "already imported", "alreadyknown", "known transaction")
_USED = ("nonce too low", "nonce is too low", "already used")
_CHEAP = ("underpriced", "less than block base fee", "max fee per gas", "fee too low")


def send(sender: Sender) -> int:
    """Send what no block holds yet; how many a node took for the first time. Raises ChainAway."""
    unsure = SignedTx.objects.filter(sender=sender.address, tx__state=ChainTx.State.SENT)
    if not unsure.exists():
        return 0
    used = int(rpc.ask("eth_getTransactionCount", [sender.address, "latest"]), 16)
    # Not only what we believe to be on its way: what a deep reorganisation took back goes, too.
    open_now = SignedTx.objects.filter(sender=sender.address, nonce__gte=used)
    newest = {form.nonce: form for form in open_now.order_by("nonce", "pk")}
    return sum(_send(form) for form in newest.values() if _is_due(form))


def _is_due(form: SignedTx) -> bool:
    return form.sent_at is None or form.sent_at < timezone.now() - SEND_AGAIN_AFTER


def _send(form: SignedTx) -> int:
    try:
        with rpc.patience(rpc.WORKERS_SECONDS):  # a chain of one process executes it at once
            rpc.ask("eth_sendRawTransaction", ["0x" + bytes(form.raw).hex()])
    except rpc.RpcRefused as refusal:
        said = refusal.message.lower()
        if any(word in said for word in _USED):
            return 0  # following finds out by which transaction
        if not any(word in said for word in _KNOWN):
            is_cheap = any(word in said for word in _CHEAP)
            error = TOO_CHEAP if is_cheap else refusal.message
            ChainTx.objects.filter(pk=form.tx_id).update(error=error[:500])
            return 0
    SignedTx.objects.filter(pk=form.pk).update(sent_at=timezone.now())
    ChainTx.objects.filter(pk=form.tx_id, state=ChainTx.State.SENT).update(error="")
    return int(form.sent_at is None)
