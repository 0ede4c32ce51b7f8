"""Which methods there are, and which only on a chain for tests."""

from wetube.cloudchain import for_tests
from wetube.cloudchain.methods import METHODS


def test_nobody_can_bend_a_chain_of_worth() -> None:
    families = {name.partition("_")[0] for name in METHODS}
    bending = for_tests.methods(for_tests.Clock())
    assert families == {"eth", "net", "web3"}
    assert not {"eth_sendTransaction", "eth_sign", "eth_signTransaction"} & set(METHODS)
    assert {name.partition("_")[0] for name in bending} == {"evm"}
