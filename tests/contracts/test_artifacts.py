"""What is committed is what the sources compile to, and what a first block may hold."""

from pathlib import Path

import pytest

from script import compiling
from tests.contracts.contract import NAMES, artifact, code_of
from tests.contracts.world import CHANNELS, COLLECTOR, GENESIS, MULTICALL

LARGEST = 24_576  # bytes of code a contract may have, EIP-170


@pytest.mark.chain
@pytest.mark.timeout(600)  # twelve seconds of one core, where it has one
def test_the_sources_compile_to_the_committed_bytes(tmp_path: Path) -> None:
    compiling.compile_into(tmp_path)
    fresh, committed = compiling.contents(tmp_path), compiling.contents(compiling.BUILD)
    assert set(committed) == {f"{name}.json" for name in NAMES}
    assert fresh.keys() == committed.keys()
    for name, text in fresh.items():
        assert text == committed[name], f"{name} is not what the sources say: run script/contracts"


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_is_small_enough_for_any_chain(name: str) -> None:
    assert 0 < len(code_of(name)) <= LARGEST


@pytest.mark.parametrize("name", sorted(GENESIS.values()))
def test_code_of_the_first_block_needs_no_constructor_and_holds_no_immutable(name: str) -> None:
    """The code a deployment would leave is the committed one, so it can be put there."""
    assert not [entry for entry in artifact(name)["abi"] if entry["type"] == "constructor"]
    assert code_of(name, "bytecode").endswith(code_of(name))


@pytest.mark.chain
def test_the_addresses_are_those_of_the_library() -> None:
    from x402.mechanisms.evm.batch_settlement import constants as batch
    from x402.mechanisms.evm.constants import MULTICALL3_ADDRESS

    named = (
        batch.BATCH_SETTLEMENT_ADDRESS,
        batch.ERC3009_DEPOSIT_COLLECTOR_ADDRESS,
        MULTICALL3_ADDRESS,
    )
    assert [bytes.fromhex(text[2:]) for text in named] == [CHANNELS, COLLECTOR, MULTICALL]
