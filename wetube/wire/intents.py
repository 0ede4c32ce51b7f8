"""What our payments' transactions are called in the outbox.

The name is the payment's own, so the same payment sent again is the same transaction.
"""

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat

from wetube.chain.models import ChainTx

TRANSFER = "exact:"
GIVING_BACK = "giveback:"
DEPOSIT = "deposit:"
OVER = "over:"


def of_transfer(payer: str, nonce: bytes, subject: str) -> str:
    """`subject` is what it was signed to buy: once on chain, everybody can read what was signed,
    and nobody else shall buy another thing with it."""
    return f"{TRANSFER}{payer}:{nonce.hex()}:{subject}"


def subject_of(transfer: str) -> str:
    """What the transfer of this name was to buy."""
    return transfer.split(":", 3)[3]


def of_giving_back(channel: str, nonce: int) -> str:
    """`nonce` counts the channel's refunds on chain."""
    return f"{GIVING_BACK}{channel}:{nonce}"


def of_deposit(channel: str, salt: bytes) -> str:
    return f"{DEPOSIT}{channel}:{salt.hex()}"


def failed_refunds(channel: str = "") -> QuerySet[ChainTx]:
    """Refunds (of this channel) the chain did not make, and nobody has closed yet."""
    failed = (ChainTx.State.FAILED, ChainTx.State.REPLACED)
    return ChainTx.objects.filter(intent__startswith=f"{GIVING_BACK}{channel}", state__in=failed)


def close(refunds: QuerySet[ChainTx]) -> None:
    """Such a refund says nothing more about its channel, and its name is free for another try."""
    number = Cast("pk", CharField())
    refunds.update(intent=Concat(Value(OVER), number, Value(":"), F("intent")))
