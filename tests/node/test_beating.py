"""A node says what it offers, waits longer for a gateway that is away, and does what it is told."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.node import composing, housekeeping, notes, pulling, taking
from gateway.node.beating import LEAST, MOST, Heartbeat
from gateway.node.housekeeping import Housekeeping
from gateway.node.pausing import LONGEST
from gateway.node.pulling import Puller
from gateway.node.speaking import GatewaySaysNo, GatewaySilent
from node_bridge import OverQuota
from node_bridge.network import descriptions
from tests.node import graphs
from tests.node.calling import Caller
from tests.node.conftest import Make

FILM = graphs.film(1000)
Says = Callable[[str, dict[str, Any]], dict[str, Any]]


class Client:
    """Stands for the gateway, at our own seam."""

    url = "https://gateway.example"

    def __init__(self, peer_id: str, says: Says) -> None:
        self.peer_id = peer_id
        self._says = says

    def post(self, path: str, said: dict[str, Any]) -> dict[str, Any]:
        return self._says(path, said)

    def register(self, statement: str, token: str) -> dict[str, Any]:
        return self._says("register", {"statement": statement, "token": token})


def heart(node: Caller, says: Says, token: str = "") -> Heartbeat:
    beat = composing.heartbeat_of(node.parts)
    beat.gateway = Client(node.gateway.peer_id, says)  # type: ignore[assignment]
    beat.token = token
    beat.ended = bool  # nothing ends the tests
    return beat


def silent(path: str, said: dict[str, Any]) -> dict[str, Any]:
    raise GatewaySilent("away")


def answering(answer: dict[str, Any]) -> Says:
    """A gateway that says the same to everything."""

    def says(path: str, said: dict[str, Any]) -> dict[str, Any]:
        return answer

    return says


@pytest.fixture
def there(make_node: Make) -> Caller:
    return make_node(urls=["https://node.example"], quota="10 GB", hours="always")


def test_each_silence_is_waited_out_longer_up_to_a_bound(there: Caller) -> None:
    beat = heart(there, silent)
    waits = [beat.beat() for _ in range(14)]
    assert 3 < waits[0] < 8
    assert waits[3] > waits[0]
    assert max(waits) <= LONGEST * 1.3
    assert waits[-1] > LONGEST * 0.6
    beat.gateway = Client(there.gateway.peer_id, answering({}))  # type: ignore[assignment]
    assert beat.beat() == 60
    assert beat.failures == 0


def test_the_gateway_says_when_to_come_again_within_reason(there: Caller) -> None:
    for said, wait in (
        (30, 30),
        (0, LEAST),
        (-5, LEAST),
        ("soon", 60),
        (None, 60),
        (10**400, MOST),
        (float("inf"), MOST),
        (float("nan"), 60),
    ):
        beat = heart(there, answering({"again_in": said}))
        assert beat.beat() == wait


def test_what_the_gateway_says_moves_no_cursor(there: Caller) -> None:
    heart(there, answering({"state": "active\x1b[2J", "why": "\a\x9b1A"})).beat()
    said = [notes.read(there.parts.book, name) for name in ("state", "why")]
    assert said == ["active[2J", "1A"]


def test_what_it_says_is_what_it_has_left(there: Caller) -> None:
    heard: list[descriptions.Description] = []

    def says(path: str, said: dict[str, Any]) -> dict[str, Any]:
        gateway = there.gateway.peer_id
        heard.append(descriptions.read(said["statement"], gateway=gateway, now=time.time()))
        return {}

    there.hold(FILM)
    heart(there, says).beat()
    assert heard[0].free <= 10**10 - FILM.size
    assert heard[0].capacity == 10**10
    notes.write(there.parts.book, "leaving", "1")
    heart(there, lambda path, said: says(path, said) if said else {}).beat()
    assert heard[1].free == 0


def test_an_unknown_node_registers_with_its_operators_token(there: Caller) -> None:
    asked: list[str] = []

    def says(path: str, said: dict[str, Any]) -> dict[str, Any]:
        asked.append(path)
        if path == "register":
            assert said["token"] == "wto_x"
            return {"state": "joining"}
        raise GatewaySaysNo(404, "UnknownNode", "")

    heart(there, says, token="wto_x").beat()
    assert asked == ["register"]  # a newcomer need not be told that it is not known
    assert notes.read(there.parts.book, "state") == "joining"
    asked.clear()
    heart(there, says, token="wto_x").beat()
    assert asked == ["/nodes/v1/heartbeat", "register"]
    asked.clear()
    heart(there, says).beat()
    assert asked == ["/nodes/v1/heartbeat"]
    assert notes.read(there.parts.book, "state") == "refused"


def test_a_page_that_is_not_there_is_no_word_of_the_gateway(there: Caller) -> None:
    asked: list[str] = []

    def says(path: str, said: dict[str, Any]) -> dict[str, Any]:
        asked.append(path)
        raise GatewaySaysNo(404, "", "")  # a proxy before it

    notes.write(there.parts.book, "state", "active")
    beat = heart(there, says, token="wto_x")
    beat.ended = pytest.fail
    assert beat.beat() > 3
    assert asked == ["/nodes/v1/heartbeat"]


@pytest.mark.parametrize(
    ("refusal", "sentence"),
    [
        (GatewaySaysNo(401, "UnknownOperator", ""), "--token with one from https://gateway.ex"),
        (GatewaySaysNo(404, "UnknownNode", ""), "does not know this node"),
        (GatewaySaysNo(403, "Unwelcome", "It was lost too often."), "lost too often"),
        (GatewaySaysNo(403, "ForeignNode", "It is somebody else's."), "somebody else's"),
        (GatewaySaysNo(401, "Expired", "", skew=-600.0), "600 s behind the gateway's"),
        (GatewaySaysNo(401, "Expired", "", skew=45.0), "45 s ahead of the gateway's"),
    ],
)
def test_a_definite_no_ends_a_newcomer_and_not_who_was_in(
    there: Caller, refusal: GatewaySaysNo, sentence: str
) -> None:
    def says(path: str, said: dict[str, Any]) -> dict[str, Any]:
        raise refusal

    ends: list[str] = []
    beat = heart(there, says)
    beat.ended = ends.append
    beat.beat()
    assert sentence in ends[0]
    assert sentence in notes.read(there.parts.book, "why")
    beat.is_known = True
    assert beat.beat() > 3
    assert len(ends) == 1


@pytest.mark.parametrize("name", ["Expired", "Replayed", "Forged", "BadBody", ""])
def test_a_refusal_that_may_pass_ends_nobody(there: Caller, name: str) -> None:
    def says(path: str, said: dict[str, Any]) -> dict[str, Any]:
        raise GatewaySaysNo(401, name, "", skew=5.0)

    beat = heart(there, says)
    beat.ended = pytest.fail
    assert beat.beat() > 3


def test_a_hostile_answer_changes_nothing(there: Caller) -> None:
    there.hold(FILM)
    until = there.parts.leasing.get("1").not_after
    answers: list[dict[str, Any]] = [
        {"leases": "x", "drop": "1"},
        {"leases": [5, None, "x" * 9000], "drop": [1, None, {}]},
        {"leases": [there.lease(FILM, serial="9", not_after=until + 99)]},
        {"leases": [there.lease(FILM, by=there.parts.identity, not_after=until + 99)]},
        {"state": 5, "why": {}, "again_in": "x"},
    ]
    for answer in answers:
        heart(there, answering(answer)).beat()
        held = there.parts.leasing.get("1")
        assert (held.state, held.not_after) == ("held", until)


def test_a_lease_that_finds_no_room_waits_and_has_room_made(
    there: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = there.parts.leasing.store
    junk = store.add([b"what nobody holds" * 1000])
    store._blocks._grace = -1.0  # type: ignore[attr-defined]
    monkeypatch.setattr(taking, "known", _no_room)
    there.take(FILM, ["https://node.example"])
    puller = Puller(there.parts.leasing, there.parts.identity)
    assert puller.pull_next(time.time())
    puller.close()
    said = there.order("GET", "/wt/v1/leases/1").said
    assert (said["state"], said["error"]) == ("fetching", "no-room")
    chore = Housekeeping(there.parts.leasing, there.parts.counts)
    chore.swept = time.time() - housekeeping.IN_NEED - 1
    chore.keep()
    assert not store.has(junk.cid)


def test_what_never_came_is_refused_after_a_day(there: Caller) -> None:
    there.take(FILM, ["https://node.invalid"])
    puller = Puller(there.parts.leasing, there.parts.identity)
    puller._pull(there.parts.leasing.get("1"), time.time() + pulling.GIVES_UP + 1)
    puller.close()
    said = there.order("GET", "/wt/v1/leases/1").said
    assert (said["state"], said["error"], said["have"]) == ("refused", "never-came", 0)


def _no_room(*_: object) -> None:
    raise OverQuota("There is no room.")


def test_that_the_operators_check_spoke_first_is_no_refusal(there: Caller) -> None:
    def says(path: str, said: dict[str, Any]) -> dict[str, Any]:
        raise GatewaySaysNo(409, "StaleStatement", "Something newer was said before.")

    notes.write(there.parts.book, "state", "active")
    assert heart(there, says).beat() < 10
    assert notes.read(there.parts.book, "state") == "active"
