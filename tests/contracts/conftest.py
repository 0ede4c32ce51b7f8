"""Worlds: one in this process where Ann has a channel, and one on a real chain."""

from collections.abc import Iterator

import pytest

from tests.chains.servers import TestChain
from tests.contracts.channels import DEPOSIT, Channel, anns_channel, deposit
from tests.contracts.funded import FIRST_EPOCH, FUND, funded, post
from tests.contracts.remote import Remote
from tests.contracts.trees import payout_tree
from tests.contracts.world import (
    ANN,
    AUTHORIZER,
    BOB,
    CLD,
    EPOCH,
    MAKER,
    POSTER,
    RELAYER,
    STRANGER,
    World,
    world_on,
)


@pytest.fixture
def there() -> World:
    """Ann and Bob have twenty CLD each."""
    world = funded(1000 * CLD)
    for payer in (ANN, BOB):
        world.give(payer.address, 20 * CLD)
    return world


@pytest.fixture
def channel(there: World) -> Channel:
    """Ann's channel to the vault, its vouchers signed by a key of the page, with ten CLD in it."""
    opened = anns_channel(there)
    deposit(there, opened, DEPOSIT, 0, RELAYER)
    return opened


@pytest.fixture
def far(chain: TestChain) -> Iterator[World]:
    """The mint has paid its opening fund to the maker; Ann was given twenty CLD."""
    before = chain.snapshot()
    remote = Remote(chain)
    remote.knows(MAKER, POSTER, STRANGER, ANN, AUTHORIZER)
    there = world_on(remote, start=remote.now - 1000 * EPOCH)
    tree = payout_tree({MAKER.address: FUND})
    post(there.mint, FIRST_EPOCH, tree)
    there.mint.send(RELAYER, "claim", MAKER.address, FUND, [])
    there.give(ANN.address, 20 * CLD)
    yield there
    chain.revert(before)  # and with it the time that a test let pass
