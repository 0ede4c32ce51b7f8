"""Ways to a world in which somebody has coin: by the mint's own door, as on any chain."""

from collections.abc import Sequence

from tests.contracts.contract import Contract
from tests.contracts.machine import Ran
from tests.contracts.signing import Person
from tests.contracts.trees import PayoutTree, payout_tree
from tests.contracts.world import CLD, MAKER, STRANGER, WITNESSES, World, world

FUND = 1000 * CLD
FIRST_EPOCH = 900  # of the 1 000 that are over at the beginning


def funded(amount: int) -> World:
    """The maker was minted so many drops."""
    there = world()
    tree = payout_tree({MAKER.address: amount})
    post(there.mint, FIRST_EPOCH, tree)
    there.mint.send(STRANGER.address, "claim", MAKER.address, amount, [])
    return there


def post(
    mint: Contract, epoch: int, tree: PayoutTree, *, by: Sequence[Person] = WITNESSES[:2]
) -> Ran:
    return mint.send(STRANGER.address, "post", *posting(mint, epoch, tree, by=by))


def posting(
    mint: Contract, epoch: int, tree: PayoutTree, *, by: Sequence[Person] = WITNESSES[:2]
) -> tuple[int, bytes, int, list[bytes]]:
    """The words of a post, signed."""
    digest = mint.ask("postDigest", epoch, tree.root, tree.total)
    return epoch, tree.root, tree.total, [witness.sign(digest) for witness in by]
