"""What our payments' transactions are called in the outbox, and the journal of a transfer.

The name is the payment's own, so the same payment sent again is the same transaction.
"""

from wetube.cloudcoin import ledger, tabs
from wetube.cloudcoin.models import Account, Journal

TRANSFER = "exact:"
GIVING_BACK = "giveback:"
DEPOSIT = "deposit:"


def of_transfer(payer: str, nonce: bytes) -> str:
    return f"{TRANSFER}{payer}:{nonce.hex()}"


def of_giving_back(channel: str, nonce: int) -> str:
    """`nonce` counts the channel's refunds on chain."""
    return f"{GIVING_BACK}{channel}:{nonce}"


def of_deposit(channel: str, salt: bytes) -> str:
    return f"{DEPOSIT}{channel}:{salt.hex()}"


def book(transfer: str, payer: str, amount: int) -> None:
    """Coin of this payer has come into the vault; it is theirs until something is charged."""
    ledger.post(
        reference=transfer,
        kind=Journal.Kind.DEPOSIT,
        entries=[
            (ledger.house(Account.Kind.VAULT), -amount),
            (tabs.of_wallet(payer).account, amount),
        ],
    )
