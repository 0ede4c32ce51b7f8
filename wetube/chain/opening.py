"""The opening fund of an embedded chain: coin of epochs already over, minted into the vault.

So that a newcomer's grant is real coin from the first minute. It is minted within the same
schedule as all other coin, which on such a chain began some epochs before the chain did.
"""

from django.db import transaction

from wetube.chain import contracts, outbox, reading, witnessing
from wetube.chain.merkle import Tree
from wetube.chain.models import ChainTx, Deployment

POST, CLAIM = "opening:post", "opening:claim"


class OpeningFailed(Exception):
    """The mint refused the opening fund; the message has its reason."""


def ask(where: Deployment, epochs: int) -> int:
    """Ask for all that is scheduled for `epochs` epochs; drops. Raises ChainAway.

    Every later tree of this mint must name the vault with at least this much, as its total
    counts what was minted before.
    """
    total = int(reading.at(where.mint, contracts.MINT, "scheduled", [epochs]))
    tree = Tree([(where.vault, total)])
    signature = witnessing.sign_post(where, epoch=epochs, root=tree.root, total=total)
    with transaction.atomic():
        _put(where, POST, "post", [epochs, tree.root, total, [signature]])
        _put(where, CLAIM, "claim", [where.vault, total, tree.proof(0)])
    return total


def finish(seconds: float) -> None:
    """Wait for it; raises OpeningFailed, and StillPending."""
    for intent in (POST, CLAIM):
        row = outbox.wait(intent, seconds)
        if row.state != ChainTx.State.FINAL:
            raise OpeningFailed(f"{intent}: {row.error}")


def _put(where: Deployment, intent: str, function: str, args: list[object]) -> None:
    outbox.put_before_ready(
        intent, where=where, contract=contracts.MINT, function=function, args=args
    )
