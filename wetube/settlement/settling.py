"""Settling: claimed coin goes from the channels' contract into the vault."""

import logging

from django.db import transaction

from wetube.chain import deployment, outbox, reading
from wetube.chain.contracts import CHANNELS
from wetube.chain.models import ChainTx
from wetube.chain.rpc import ChainAway
from wetube.cloudcoin import ledger
from wetube.settlement import worth
from wetube.settlement.models import Settle

logger = logging.getLogger(__name__)

GAS = 60_000


def settle() -> Settle | None:
    """Ask for what was claimed and not sent yet, once it is worth the gas; None if nothing is.

    Safe to run twice: the contract sends each drop once. A chain that is away waits.
    """
    place = deployment.current()
    if place is None or _is_under_way():
        return None
    try:
        claimed, settled = reading.call(CHANNELS, "receivers", place.vault, place.token)
        if claimed - settled < worth.least(GAS):
            return None
    except ChainAway as away:
        logger.info("Settling waits for the chain: %s", away.why)
        return None
    return _send([place.vault, place.token])


def _is_under_way() -> bool:
    """Also lets go of what the chain has decided on."""
    for row in Settle.objects.filter(ended=False):
        tx = ChainTx.objects.filter(intent=row.intent).first()
        if tx and tx.is_over:
            Settle.objects.filter(pk=row.pk).update(ended=True)
    return Settle.objects.filter(ended=False).exists()


@transaction.atomic
def _send(args: list[str]) -> Settle | None:
    ledger.open_book()
    if Settle.objects.filter(ended=False).exists():
        return None
    row = Settle.objects.create(intent=f"settle:{Settle.objects.count() + 1}")
    outbox.put(row.intent, role="relayer", contract=CHANNELS, function="settle", args=args)
    return row
