"""A node with several addresses is reached by any of them; the one that works is remembered."""

from dataclasses import replace

import pytest

from node_bridge import MemoryEngine
from node_bridge.network import asking
from node_bridge.network.asking import Wanted
from node_bridge.network.connections import Call, Connections
from node_bridge.network.failures import PeerFailed, TooSlow, Unreached, WrongCertificate
from node_bridge.network.providers import Provider
from node_bridge.network.ways import Ways
from tests.network.conftest import Started
from tests.network.peers import LOOPBACK, honest

ONE, TWO, THREE = "https://one.example", "https://two.example", "https://three.example"
NODE = Provider("peer", ONE, "ab" * 32, others=(TWO, THREE))


class Dial:
    """`up` answer, `foreign` show another certificate."""

    def __init__(self, *up: str, foreign: str = "") -> None:
        self.up, self.foreign = up, foreign
        self.dialled: list[str] = []

    def __call__(self, provider: Provider) -> str:
        self.dialled.append(provider.url)
        if provider.url == self.foreign:
            raise WrongCertificate("Somebody else.")
        if provider.url not in self.up:
            raise Unreached("Nobody.")
        return provider.url


def test_the_others_are_tried_in_turn_and_the_good_one_first_from_then_on() -> None:
    ways, dial = Ways(), Dial(THREE, foreign=TWO)
    assert ways.first(NODE, dial) == THREE
    assert dial.dialled == [ONE, TWO, THREE]
    dial.dialled.clear()
    assert ways.first(NODE, dial) == THREE
    assert dial.dialled == [THREE]
    dial.up = (ONE,)  # it has moved back
    assert ways.first(NODE, dial) == ONE
    dial.dialled.clear()
    assert ways.first(NODE, dial) == ONE
    assert dial.dialled == [ONE]


def test_why_none_of_them_answers_is_told_and_a_call_that_is_over_tries_no_more() -> None:
    dial = Dial()
    with pytest.raises(Unreached):
        Ways().first(NODE, dial)
    assert dial.dialled == [ONE, TWO, THREE]

    def late(provider: Provider) -> str:
        dial.dialled.append(provider.url)
        raise TooSlow("It did not come in time.")

    dial.dialled.clear()
    with pytest.raises(TooSlow):
        Ways().first(NODE, late)
    assert dial.dialled == [ONE]


def test_a_block_comes_by_the_second_address(peer: Started) -> None:
    there = MemoryEngine()
    cid = there.add([b"scene"]).cid
    node = peer(honest(there))
    dead = peer(honest(there))
    dead.close()
    provider = replace(node.provider(), url=dead.url, others=("https://10.0.0.1", node.url))
    lines = Connections(LOOPBACK)  # which no private network but this machine's own is
    for _ in range(2):
        wanted = Wanted("GET", f"/ipfs/{cid}?format=raw")
        assert asking.exchange(lines, provider, Call(10), wanted) == b"scene"
    lines.close()
    with pytest.raises(PeerFailed):
        asking.exchange(lines, replace(provider, others=()), Call(10), wanted)
    lines.close()
