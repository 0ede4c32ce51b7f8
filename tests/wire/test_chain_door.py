"""Strangers may ask the chain, but cannot keep it busy with code of their own."""

import json
from typing import Any

import pytest

from wetube.chain import rpc
from wetube.wire.chain_door import MOST_GAS, ChainDoor

CONTRACT = f"0x{'12' * 20}"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[Any]]]:
    """What came through to the chain."""
    found: list[tuple[str, list[Any]]] = []

    def ask(method: str, params: list[Any]) -> str:
        found.append((method, params))
        return "0x1"

    monkeypatch.setattr(rpc, "ask", ask)
    return found


async def answer(method: str, *params: Any) -> dict[str, Any]:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    found: dict[str, Any] = json.loads(await ChainDoor().answer(body))
    return found


@pytest.mark.parametrize("method", ["eth_call", "eth_estimateGas"])
async def test_a_call_comes_through_with_little_gas_and_no_state_of_its_own(
    method: str, asked: list[tuple[str, list[Any]]]
) -> None:
    override = {CONTRACT: {"code": "0x5b5f56"}}
    for gas in ({}, {"gas": "0x10"}, {"gas": hex(10**9)}):
        call = {"to": CONTRACT, "data": "0x12", **gas}
        assert (await answer(method, call, "latest", override))["result"] == "0x1"
    whole = {"to": CONTRACT, "data": "0x12"}
    assert asked == [
        (method, [{**whole, "gas": hex(MOST_GAS)}, "latest"]),
        (method, [{**whole, "gas": "0x10"}, "latest"]),
        (method, [{**whole, "gas": hex(MOST_GAS)}, "latest"]),
    ]


@pytest.mark.parametrize(
    "params",
    [[], [None], [{}], [{"data": "0x5b5f56"}], [{"to": None}], [{"to": CONTRACT, "gas": "x"}]],
)
async def test_code_of_ones_own_is_not_run(
    params: list[Any], asked: list[tuple[str, list[Any]]]
) -> None:
    assert (await answer("eth_call", *params))["error"]["code"] == -32602
    assert asked == []


@pytest.mark.parametrize(
    "method", ["eth_sendRawTransaction", "eth_getLogs", "evm_mine", "eth_newFilter", "debug_trace"]
)
async def test_what_is_no_question_is_not_passed_on(
    method: str, asked: list[tuple[str, list[Any]]]
) -> None:
    assert (await answer(method, {"to": CONTRACT}))["error"]["code"] == -32601
    assert asked == []
