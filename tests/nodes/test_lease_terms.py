"""Leases as they are signed: read back whole, refused when anything is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge import cid as cids
from node_bridge.network import leases, statements
from node_bridge.network.identity import Identity
from node_bridge.network.leases import Terms
from node_bridge.network.statements import Malformed, NotYours

GATEWAY, NODE = Identity.create(), Identity.create()
CID = str(cids.of(b"kept"))
CLAIMS = {
    "aud": NODE.peer_id,
    "jti": "ab12",
    "cid": CID,
    "size": 5,
    "nbf": 1000,
    "exp": 2000,
    "price": 7,
    "kind": "whole",
}


def read(token: str, now: float = 1500) -> Terms:
    return leases.read(token, gateway=GATEWAY.peer_id, node=NODE.peer_id, now=now)


@given(st.integers(0, leases.MAX_SIZE), st.integers(0, leases.MAX_PRICE), st.integers(1, 10**9))
def test_a_lease_is_read_as_it_was_written(size: int, price: int, lasts: int) -> None:
    terms = Terms("0a" * 16, NODE.peer_id, CID, size, 1000, 1600 + lasts, price, "shard")
    assert read(leases.write(terms, GATEWAY)) == terms


@pytest.mark.parametrize(
    "wrong",
    [
        {"jti": "../x"},
        {"jti": ""},
        {"cid": "not a cid"},
        {"cid": 5},
        {"size": -1},
        {"size": leases.MAX_SIZE + 1},
        {"size": True},
        {"price": 1.5},
        {"kind": "half"},
        {"kind": ["whole"]},
        {"nbf": 2000},
        {"nbf": None},
    ],
)
def test_a_lease_with_anything_wrong_is_refused(wrong: dict[str, object]) -> None:
    token = statements.state(GATEWAY, statements.LEASE, {**CLAIMS, **wrong})
    with pytest.raises(Malformed):
        read(token)


def test_a_lease_of_another_gateway_or_for_another_node_is_refused() -> None:
    for token in (
        statements.state(Identity.create(), statements.LEASE, CLAIMS),
        statements.state(GATEWAY, statements.LEASE, {**CLAIMS, "aud": GATEWAY.peer_id}),
    ):
        with pytest.raises(NotYours):
            read(token)


def test_a_lease_is_worth_its_price_a_gib_and_thirty_days_never_rounded_up() -> None:
    terms = Terms("a", NODE.peer_id, CID, leases.GIB, 0, leases.MONTH, 900, "whole")
    assert terms.worth(leases.MONTH) == 900
    assert terms.worth(leases.MONTH - 1) == 899
    assert terms.worth(0) == 0
