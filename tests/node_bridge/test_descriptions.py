"""What a node says of itself is read as it was written, or not at all."""

from dataclasses import replace
from typing import Any

import pytest

from node_bridge.network import descriptions, statements
from node_bridge.network.descriptions import LASTS, Description, Prices
from node_bridge.network.identity import Identity
from node_bridge.network.statements import Malformed, NotYours, Refused

NOW = 1_700_000_000
NODE, GATEWAY = Identity.create(), Identity.create()
GOOD = Description(
    peer_id=NODE.peer_id,
    urls=("https://node.example", "https://[2001:db8::1]:8443"),
    certificate="a" * 64,
    capacity=1 << 40,
    free=1 << 39,
    bandwidth=12_500_000,
    hours=(0, 1, 22, 23),
    prices=Prices(5, 7, {"480p": 9, "av1-1080p": 11}),
    slots=2,
    payout="0x" + "Ab" * 20,
    version="0.4",
    at=NOW,
)


def claims_of(token: str) -> dict[str, Any]:
    return statements.read(token, statements.NODE, by=None, now=NOW)


def test_a_description_reads_as_it_was_written() -> None:
    token = descriptions.write(GOOD, NODE, gateway=GATEWAY.peer_id, now=NOW)
    assert descriptions.read(token, gateway=GATEWAY.peer_id, now=NOW) == GOOD


def test_a_description_for_another_gateway_is_refused() -> None:
    token = descriptions.write(GOOD, NODE, gateway=NODE.peer_id, now=NOW)
    with pytest.raises(NotYours):
        descriptions.read(token, gateway=GATEWAY.peer_id, now=NOW)


@pytest.mark.parametrize("late", [LASTS, LASTS + 1, -LASTS - 1])
def test_a_description_counts_for_five_minutes(late: int) -> None:
    token = descriptions.write(GOOD, NODE, gateway=GATEWAY.peer_id, now=NOW)
    with pytest.raises(Refused):
        descriptions.read(token, gateway=GATEWAY.peer_id, now=NOW + late)


@pytest.mark.parametrize(
    "wrong",
    [
        {"urls": []},
        {"urls": ["http://node.example"]},
        {"urls": ["https://node.example/path"]},
        {"urls": [5]},
        {"urls": ["https://a.example"] * 9},
        {"urls": "https://node.example"},
        {"certificate": None},
        {"capacity": -1},
        {"capacity": 1 << 61},
        {"free": (1 << 40) + 1},
        {"bandwidth": 1.5},
        {"hours": [24]},
        {"hours": [True]},
        {"hours": None},
        {"prices": {}},
        {"prices": {"storage": 1, "delivery": 1, "compute": []}},
        {"prices": {"storage": 1, "delivery": -1, "compute": {}}},
        {"prices": {"storage": 1, "delivery": 1, "compute": {"480p": "9"}}},
        {"prices": {"storage": 1, "delivery": 1, "compute": {f"r{n}": n for n in range(33)}}},
        {"prices": {"storage": 1, "delivery": 1, "compute": {"\0": 1}}},
        {"version": "1\0"},
        {"version": "\ud800"},
        {"version": "\x1b[2J"},
        {"payout": "0x\n"},
        {"iat": NOW + 61},
        {"exp": NOW + LASTS + 1},
    ],
)
def test_a_description_with_a_wrong_claim_is_refused(wrong: dict[str, Any]) -> None:
    claims = claims_of(descriptions.write(GOOD, NODE, gateway=GATEWAY.peer_id, now=NOW))
    token = statements.state(NODE, statements.NODE, {**claims, **wrong})
    with pytest.raises(Malformed):
        descriptions.read(token, gateway=GATEWAY.peer_id, now=NOW)


def test_a_node_that_works_always_and_for_nothing_says_so() -> None:
    plain = replace(GOOD, hours=(), prices=Prices(0, 0, {}), slots=0, payout="")
    token = descriptions.write(plain, NODE, gateway=GATEWAY.peer_id, now=NOW)
    assert descriptions.read(token, gateway=GATEWAY.peer_id, now=NOW) == plain
