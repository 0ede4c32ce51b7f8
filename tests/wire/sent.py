"""Transactions of the wire as the outbox leaves them, made by hand."""

from collections.abc import Sequence
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from wetube.chain.models import ChainTx
from wetube.wire import intents
from wetube.wire.terms import Terms

NONCE = bytes(31) + b"\x07"
SIGNATURE = bytes(range(1, 33)) + b"\x11" * 32 + b"\x1b"
payer: LocalAccount = Account.from_key(b"\x01" * 32)


def transfer(
    terms: Terms, amount: int, *, subject: str = "video:a", who: str = "", state: str = "final"
) -> ChainTx:
    """A one-off transfer of `amount` to the vault, that far on its way."""
    sender = who or payer.address
    return _sent(
        intents.of_transfer(payer.address, NONCE, subject),
        state,
        args=[sender, terms.vault, amount, 0, 2**40, f"0x{NONCE.hex()}", 27, "0x01", "0x02"],
        data=SIGNATURE[:64],
    )


def refund(channel: str, *, nonce: int = 0, state: str = "failed") -> ChainTx:
    return _sent(intents.of_giving_back(channel, nonce), state)


def ends(tx: ChainTx, state: str, *, succeeded: bool = True) -> None:
    ChainTx.objects.filter(pk=tx.pk).update(state=state, succeeded=succeeded)


def _sent(intent: str, state: str, *, args: Sequence[Any] = (), data: bytes = b"") -> ChainTx:
    return ChainTx.objects.create(
        intent=intent,
        role="relayer",
        args=list(args),
        data=data,
        state=state,
        succeeded={"mined": True, "final": True, "failed": False}.get(state),
        hash=f"0x{ChainTx.objects.count() + 1:064x}",
    )


def payment(
    terms: Terms, amount: int, *, value: int = 0, signature: bytes = SIGNATURE
) -> dict[str, Any]:
    """What x402's clients send for a one-off payment; it agrees to `amount`, signs `value`."""
    return {
        "x402Version": 2,
        "accepted": terms.requirements("exact", amount),
        "payload": {
            "signature": f"0x{signature.hex()}",
            "authorization": {
                "from": payer.address,
                "to": terms.vault,
                "value": str(value or amount),
                "validAfter": "0",
                "validBefore": str(2**40),
                "nonce": f"0x{NONCE.hex()}",
            },
        },
    }
