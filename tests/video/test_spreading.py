"""Public films go to nodes, and leave them when they are public no more."""

import pytest

from tests import make
from wetube.content import network
from wetube.nodes.models import Node, Operator, Placement
from wetube.people.models import Channel
from wetube.video import spreading
from wetube.video.models import Video

pytestmark = pytest.mark.django_db


@pytest.fixture
def node() -> Node:
    """Somebody is there to keep films."""
    operator = Operator.objects.create(user=make.user("olga"))
    return Node.objects.create(
        peer_id="12D3KooW", operator=operator, state=Node.State.ACTIVE, urls=["https://n.example"]
    )


def placed() -> dict[str, tuple[str, bool]]:
    rows = Placement.objects.values_list("root", "state", "is_open")
    return {root: (state, is_open) for root, state, is_open in rows}


def test_a_published_film_is_given_to_nodes_once(node: Node, channel: Channel) -> None:
    film = make.published(channel)
    spreading.spread()
    spreading.spread()
    made = Placement.objects.get()
    assert (made.root, made.kind, made.is_open) == (film.cid, "whole", True)
    assert made.size == network.engine().stat(film.cid).dag_size > 0


def test_without_nodes_nothing_is_asked_for(channel: Channel) -> None:
    make.published(channel)
    spreading.spread()
    assert not Placement.objects.exists()


@pytest.mark.parametrize("visibility", ["unlisted", "internal", "password", "private"])
def test_a_film_not_everybody_finds_stays_with_the_gateway(
    node: Node, channel: Channel, visibility: str
) -> None:
    make.published(channel, visibility=visibility)
    make.video(channel)
    spreading.spread()
    assert not Placement.objects.exists()


def test_a_film_for_sale_is_kept_and_not_open(node: Node, channel: Channel) -> None:
    film = make.published(channel, price=10)
    spreading.spread()
    assert placed() == {film.cid: ("standing", False)}


def test_a_price_closes_and_no_price_opens(node: Node, channel: Channel) -> None:
    film = make.published(channel)
    spreading.spread()
    Video.objects.update(price=5)
    spreading.spread()
    assert placed() == {film.cid: ("standing", False)}
    Video.objects.update(price=0)
    spreading.spread()
    assert placed() == {film.cid: ("standing", True)}


def test_a_film_that_is_closed_or_gone_leaves_the_nodes(node: Node, channel: Channel) -> None:
    film = make.published(channel)
    spreading.spread()
    Video.objects.update(visibility="private")
    spreading.spread()
    assert placed() == {film.cid: ("ending", True)} or placed() == {film.cid: ("ending", False)}
    Video.objects.update(visibility="public")
    spreading.spread()
    assert placed() == {film.cid: ("standing", True)}
    film.delete()
    spreading.spread()
    assert placed()[film.cid][0] == "ending"


def test_two_films_of_the_same_bytes_are_one_content(node: Node, channel: Channel) -> None:
    first, second = make.published(channel), make.published(channel)
    assert first.cid == second.cid
    spreading.spread()
    first.delete()
    spreading.spread()
    assert placed() == {second.cid: ("standing", True)}


def test_a_film_our_own_node_has_lost_is_passed_over(node: Node, channel: Channel) -> None:
    make.published(channel)
    Video.objects.update(cid="bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e")
    good = make.published(channel)
    spreading.spread()
    assert list(placed()) == [good.cid]
