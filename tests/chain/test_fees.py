"""What we offer for gas, on chains with a base fee and without, and never above the ceiling."""

from typing import Any

import pytest
from pytest_django import Settings

from wetube.chain import fees, rpc
from wetube.chain.fees import Fee

GWEI = 10**9


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> dict[str, Any]:
    """What a node answers; a missing method is one it does not have."""
    settings.MAX_GAS_PRICE_GWEI = 100
    answers: dict[str, Any] = {}

    def ask(method: str, params: object = ()) -> Any:
        if method not in answers:
            raise rpc.RpcRefused("method not found")
        return answers[method]

    monkeypatch.setattr(rpc, "ask", ask)
    return answers


def test_a_base_fee_may_double_before_we_are_left_out(node: dict[str, Any]) -> None:
    node["eth_getBlockByNumber"] = {"baseFeePerGas": hex(10 * GWEI)}
    node["eth_maxPriorityFeePerGas"] = hex(2 * GWEI)
    fee = fees.current()
    assert fee == Fee(22 * GWEI, 2 * GWEI)
    assert fee.words() == {
        "type": 2,
        "maxFeePerGas": 22 * GWEI,
        "maxPriorityFeePerGas": 2 * GWEI,
    }


def test_a_node_that_knows_no_usual_tip_gets_one(node: dict[str, Any]) -> None:
    node["eth_getBlockByNumber"] = {"baseFeePerGas": hex(10 * GWEI)}
    assert fees.current() == Fee(21 * GWEI, GWEI)


def test_a_chain_without_base_fee_is_paid_its_price(node: dict[str, Any]) -> None:
    node["eth_getBlockByNumber"] = {}
    node["eth_gasPrice"] = hex(8 * GWEI)
    assert fees.current().words() == {"gasPrice": 10 * GWEI}


def test_near_the_ceiling_we_offer_the_ceiling(node: dict[str, Any]) -> None:
    node["eth_getBlockByNumber"] = {"baseFeePerGas": hex(60 * GWEI)}
    node["eth_maxPriorityFeePerGas"] = hex(1 * GWEI)
    assert fees.current() == Fee(100 * GWEI, GWEI)


@pytest.mark.parametrize("block", [{"baseFeePerGas": hex(100 * GWEI)}, {}])
def test_above_the_ceiling_we_wait(node: dict[str, Any], block: dict[str, str]) -> None:
    node["eth_getBlockByNumber"] = block
    node["eth_gasPrice"] = hex(90 * GWEI)
    with pytest.raises(fees.TooDear, match="gwei"):
        fees.current()


def test_who_takes_the_place_of_another_pays_a_quarter_more_for_both() -> None:
    assert fees.raised(Fee(10, 1), most=100, tip=8) == Fee(126, 11)
    assert fees.raised(Fee(500, 50), most=100, tip=8) == Fee(500, 50)
    assert fees.raised(Fee(10, 0, legacy=True), most=100, tip=0) == Fee(126, 0, legacy=True)


def test_nobody_takes_a_place_above_the_ceiling(settings: Settings) -> None:
    settings.MAX_GAS_PRICE_GWEI = 1
    with pytest.raises(fees.TooDear):
        fees.raised(Fee(10, 1), most=GWEI, tip=1)
