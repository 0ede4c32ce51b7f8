"""A world where Ann has a channel, for the tests of channels."""

import pytest

from tests.contracts.channels import DEPOSIT, Channel, anns_channel, deposit
from tests.contracts.funded import funded
from tests.contracts.world import ANN, BOB, CLD, RELAYER, World


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
