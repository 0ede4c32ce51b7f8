"""Many calls in one: each client's way of asking, and who may fail."""

from typing import Any

import pytest
from eth_abi.abi import decode
from eth_hash.auto import keccak

from tests.contracts.world import CLD, RELAYER, World
from wetube.cloudchain.canonical import CHAIN_ID

pytestmark = pytest.mark.chain


@pytest.fixture
def calls(there: World) -> list[Any]:
    """One that is answered and one that is refused."""
    good = (there.coin.address, there.coin.data("CAP"))
    bad = (there.coin.address, there.coin.data("mint", RELAYER, 1))
    return [good, bad]


def test_who_asks_that_all_succeed_gets_all_or_nothing(there: World, calls: list[Any]) -> None:
    for function, words in (
        ("aggregate", (calls,)),
        ("tryAggregate", (True, calls)),
        ("blockAndAggregate", (calls,)),
        ("aggregate3", ([(to, False, data) for to, data in calls],)),
    ):
        with there.multicall.refuses("CallFailed"):
            there.multicall.send(RELAYER, function, *words)
    number, answers = there.multicall.ask("aggregate", calls[:1])
    assert (number, _number(answers[0])) == (1, 21_000_000 * CLD)


def test_who_allows_failure_learns_why(there: World, calls: list[Any]) -> None:
    refusal = _refusal(there)
    for answers in (
        there.multicall.ask("tryAggregate", False, calls),
        there.multicall.ask("aggregate3", [(to, True, data) for to, data in calls]),
        there.multicall.ask("tryBlockAndAggregate", False, calls)[2],
        there.multicall.ask("aggregate3Value", [(to, True, 0, data) for to, data in calls]),
    ):
        (first, cap), (second, why) = answers
        assert (first, _number(cap), second, why) == (True, 21_000_000 * CLD, False, refusal)


def test_coin_named_but_not_sent_along_is_refused(there: World, calls: list[Any]) -> None:
    (to, data), _ = calls
    with there.multicall.refuses("WrongValue"):
        there.multicall.send(RELAYER, "aggregate3Value", [(to, True, 1, data)])


def test_it_knows_the_block_and_the_chain(there: World) -> None:
    assert there.multicall.ask("getChainId") == CHAIN_ID
    assert there.multicall.ask("getBlockNumber") == 1
    assert there.multicall.ask("getCurrentBlockTimestamp") == there.machine.now
    assert there.multicall.ask("getEthBalance", RELAYER) == 0


def _refusal(there: World) -> bytes:
    """What the coin says to a multicall that would mint: its error, with the caller's address."""
    return bytes(keccak(b"NotMinter(address)")[:4]) + bytes(12) + there.multicall.address


def _number(answer: bytes) -> int:
    return int(decode(["uint256"], answer)[0])
