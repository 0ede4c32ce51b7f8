"""Sweeping: coin on deposit addresses goes to the vault, at our gas (EIP-3009)."""

import logging
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from wetube.chain import deployment, outbox, reading
from wetube.chain.contracts import TOKEN
from wetube.chain.hashing import keccak
from wetube.chain.models import ChainTx, Deployment
from wetube.chain.rpc import ChainAway
from wetube.settlement import topping_up, worth
from wetube.settlement.models import DepositAddress, Sweep

logger = logging.getLogger(__name__)

GAS = 90_000
MOST_AT_ONCE = 20
VALID_SECONDS = 86_400


def sweep() -> int:
    """Ask for the sweep of every address that holds enough; how many were asked for.

    Safe to run twice: an address has one sweep at a time. A chain that is away waits.
    """
    place = deployment.current()
    if place is None:
        return 0
    _end_sweeps()
    try:
        least = worth.least(GAS)
        return sum(_sweep(row, place, least) for row in _full(least)[:MOST_AT_ONCE])
    except ChainAway as away:
        logger.info("Sweeping waits for the chain: %s", away.why)
        return 0


def _full(least: int) -> list[DepositAddress]:
    """Those with coin that is no sweep's yet, as the books have it; the fullest first."""
    rows = DepositAddress.objects.annotate(rest=F("received") - F("swept"))
    resting = rows.filter(received__gt=F("swept"), rest__gte=least)
    return list(resting.exclude(sweeps__ended=False).order_by("-rest"))


def _sweep(row: DepositAddress, place: Deployment, least: int) -> int:
    """What the chain says is there goes; 1 if it was asked for. Raises ChainAway."""
    amount = reading.balance(row.address)
    if amount < least:
        return 0
    intent = f"sweep:{row.index}:{row.sweeps.count() + 1}"
    return int(_send(row, intent, _signed(row, place, intent, amount)))


def _signed(row: DepositAddress, place: Deployment, intent: str, amount: int) -> list[Any]:
    """The arguments of `transferWithAuthorization`, the key's signature last."""
    message = {
        "from": row.address,
        "to": place.vault,
        "value": amount,
        "validAfter": 0,
        "validBefore": int(timezone.now().timestamp()) + VALID_SECONDS,
        "nonce": keccak(f"{place.genesis_hash}:{intent}".encode()),
    }
    signed = topping_up.key_of(row.index).sign_typed_data(
        {
            "name": "Cloudcoin",
            "version": "1",
            "chainId": place.chain_id,
            "verifyingContract": place.token,
        },
        AUTHORIZATION,
        message,
    )
    return [*message.values(), bytes(signed.signature)]


@transaction.atomic
def _send(row: DepositAddress, intent: str, args: list[Any]) -> bool:
    """False if another worker was first."""
    DepositAddress.objects.select_for_update().get(pk=row.pk)
    if row.sweeps.filter(ended=False).exists() or Sweep.objects.filter(intent=intent).exists():
        return False
    Sweep.objects.create(address=row, intent=intent, amount=args[2])
    function = "transferWithAuthorization"
    outbox.put(intent, role="relayer", contract=TOKEN, function=function, args=args)
    return True


def _end_sweeps() -> None:
    """Let go of sweeps the chain has decided on, once the books have followed those that worked."""
    for row in Sweep.objects.filter(ended=False).select_related("address"):
        tx = ChainTx.objects.filter(intent=row.intent).first()
        if tx and tx.is_over:
            Sweep.objects.filter(pk=row.pk).update(ended=True)


AUTHORIZATION = {
    "TransferWithAuthorization": [
        {"name": "from", "type": "address"},
        {"name": "to", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "validAfter", "type": "uint256"},
        {"name": "validBefore", "type": "uint256"},
        {"name": "nonce", "type": "bytes32"},
    ]
}
