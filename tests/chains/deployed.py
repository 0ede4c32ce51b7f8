"""`deployed`: our contracts on a running chain, as `manage.py cloudcoin init` leaves them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.chains.servers import TestChain
    from wetube.chain.models import Deployment

OPENING_EPOCHS = 100  # 5 000 CLD in the vault


@pytest.fixture
def on_chain(
    chain: "TestChain", settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> "TestChain":
    """The site looks at this chain, with keys of this test's own and gas money for them."""
    from wetube.chain import gas, keys, rpc

    settings.CLOUDCOIN_RPC = chain.url
    settings.CLOUDCOIN_CONFIRMATIONS = 1
    settings.DATA_DIR = tmp_path
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.setattr(keys, "SCRYPT_N", 2**8)
    rpc.breaker_of(chain.url).worked()
    for role in keys.ROLES:
        keys.create(role)
    for role in gas.PAYERS:
        chain.fund(keys.address(role), 100 * 10**18)
    return chain


@pytest.fixture
def deployed(on_chain: "TestChain", db: None) -> "Deployment":
    """Coin, mint and vault, with coin of a hundred epochs in the vault."""
    from wetube.chain import founding, planning

    return founding.found(planning.Wishes(opening_epochs=OPENING_EPOCHS), lambda _said: None)
