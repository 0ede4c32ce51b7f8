"""A signed request opens one door, once, within a minute, for what it was signed for."""

import pytest

from node_bridge.network import requests, statements
from node_bridge.network.identity import Identity
from node_bridge.network.requests import LASTS, SKEW, Asked, Replayed
from node_bridge.network.statements import (
    Expired,
    Forged,
    Malformed,
    NotYours,
    Refused,
    WrongKind,
)

NOW = 1_700_000_000
GATEWAY, NODE, STRANGER = Identity.create(), Identity.create(), Identity.create()
ASKED = Asked("POST", "/wt/v1/leases?x=1", b"{}")


class Gate:
    """One node's memory of what it was asked."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, str]] = set()

    def is_first(self, peer: str, name: str, until: int) -> bool:
        is_new = (peer, name) not in self.seen
        self.seen.add((peer, name))
        return is_new

    def admit(self, header: str, asked: Asked, *, now: float) -> str:
        return requests.read(header, asked, to=NODE.peer_id, now=now, is_first=self.is_first)


def header(now: float = NOW, *, asked: Asked = ASKED, to: Identity = NODE) -> str:
    return requests.write(asked, GATEWAY, to=to.peer_id, now=now)


def test_a_request_tells_who_asks() -> None:
    assert Gate().admit(header(), ASKED, now=NOW) == GATEWAY.peer_id


def test_a_request_opens_the_door_once() -> None:
    gate, one = Gate(), header()
    gate.admit(one, ASKED, now=NOW)
    with pytest.raises(Replayed):
        gate.admit(one, ASKED, now=NOW)
    assert gate.admit(header(), ASKED, now=NOW) == GATEWAY.peer_id


@pytest.mark.parametrize(
    "other",
    [
        Asked("PUT", ASKED.path, ASKED.body),
        Asked("POST", "/wt/v1/leases", ASKED.body),
        Asked("POST", ASKED.path, b"{ }"),
        Asked("POST", ASKED.path, None),
    ],
)
def test_a_request_is_for_one_method_path_and_body(other: Asked) -> None:
    gate, one = Gate(), header()
    with pytest.raises(Forged):
        gate.admit(one, other, now=NOW)
    assert gate.admit(one, ASKED, now=NOW) == GATEWAY.peer_id


def test_a_request_whose_body_streams_says_so() -> None:
    streams = Asked("PUT", "/wt/v1/leases/1/blocks", None)
    assert Gate().admit(header(asked=streams), streams, now=NOW) == GATEWAY.peer_id


def test_a_request_to_another_is_refused() -> None:
    with pytest.raises(NotYours):
        Gate().admit(header(to=STRANGER), ASKED, now=NOW)


@pytest.mark.parametrize("late", [LASTS, -SKEW - 1])
def test_a_request_counts_for_a_minute(late: int) -> None:
    with pytest.raises(Expired):
        Gate().admit(header(NOW), ASKED, now=NOW + late)


def test_a_request_that_claims_a_longer_life_is_refused() -> None:
    claims = {"aud": NODE.peer_id, "iat": NOW, "exp": NOW + LASTS + 1, "jti": "1"}
    token = statements.state(GATEWAY, statements.REQUEST, claims)
    with pytest.raises(Expired):
        Gate().admit(f"WeTube {token}", ASKED, now=NOW)


@pytest.mark.parametrize("text", ["", "Bearer x", "WeTube", "WeTube x", "wetube " + "x" * 9000])
def test_a_header_that_holds_no_request_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Gate().admit(text, ASKED, now=NOW)


def test_another_kind_of_statement_is_no_request() -> None:
    lease = statements.state(GATEWAY, statements.LEASE, {"aud": NODE.peer_id, "exp": NOW + 9})
    with pytest.raises(WrongKind):
        Gate().admit(f"WeTube {lease}", ASKED, now=NOW)


def test_a_refused_request_is_not_remembered() -> None:
    gate = Gate()
    with pytest.raises(Refused):
        gate.admit(header(to=STRANGER), ASKED, now=NOW)
    assert gate.seen == set()
