"""Declining content: what it stops, who may, and that it is public, signed and can be appealed."""

import json
import time
from hashlib import sha256
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import timezone

from node_bridge.network import statements
from tests.make import channel, published
from tests.nodes import make_pay as make
from wetube.content import network, parts
from wetube.content.models import Content
from wetube.nodes import choosing, identity, refusing, registering
from wetube.nodes.doors import DecliningDoor
from wetube.nodes.models import Appeal, Lease, Placement, Refusal
from wetube.people.models import User
from wetube.pinning import asking, wishes
from wetube.pinning.models import PinRequest
from wetube.pinning.refusals import Declined
from wetube.video import paying
from wetube.video.goods import find
from wetube.wire.refusals import NotNow

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def boss(bob: User) -> User:
    """Runs the gateway."""
    User.objects.filter(pk=bob.pk).update(is_operator=True)
    bob.refresh_from_db()
    return bob


def opened(data: bytes = b"a film", holder: str = "video:1") -> str:
    """An open content with its blocks listed."""
    cid = network.store_bytes([data])
    content = network.keep(cid, size=len(data), holder=holder, is_open=True)
    parts.list_blocks(content)
    return cid


def is_open(cid: str) -> bool:
    return async_to_sync(DecliningDoor().is_open)(cid)


def is_part_open(cid: str) -> bool:
    return async_to_sync(DecliningDoor().is_part_open)(cid)


def test_what_is_declined_is_closed_and_open_again_when_that_is_lifted() -> None:
    cid, other = opened(), opened(b"another", "video:2")
    refusal = refusing.decline(cid, reason="Somebody else's film")
    assert not is_open(cid)
    assert not is_part_open(cid)
    assert is_open(other)
    assert is_part_open(other)
    refusing.lift(refusal)
    assert is_open(cid)
    assert is_part_open(cid)


def test_a_block_is_open_where_one_of_its_roots_is() -> None:
    leaf = opened()
    folder = network.store_directory({"film": leaf})
    parts.list_blocks(network.keep(folder, size=1, holder="video:2", is_open=True))
    refusing.decline(folder, reason="x")
    assert not is_part_open(folder)
    assert is_part_open(leaf)


def test_it_is_declined_in_every_writing_and_once() -> None:
    cid = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"
    first = refusing.decline(cid, reason="x")
    assert refusing.decline(first.cid, reason="y") == first
    assert first.cid.startswith("bafy")
    refusing.lift(first)
    assert refusing.decline(cid, reason="z") != first


@pytest.mark.parametrize(("cid", "reason"), [("nonsense", "x"), ("bafkqaaa", "  ")])
def test_nothing_is_declined_without_a_cid_and_a_reason(cid: str, reason: str) -> None:
    with pytest.raises((refusing.BadCid, refusing.NoReason)):
        refusing.decline(cid, reason=reason)
    assert not Refusal.objects.exists()


def test_what_is_declined_is_not_pinned(alice: User) -> None:
    cid = opened()
    refusing.decline(cid, reason="Because of x")
    with pytest.raises(Declined, match="Because of x"):
        asking.ask(alice, wishes.wish({"cid": cid}))
    assert not PinRequest.objects.exists()


def test_a_declined_film_is_neither_shown_nor_sold(alice: User, bob: User, client: Client) -> None:
    film = published(channel(alice, "films"), price=100)
    refusing.decline(film.cid, reason="Not here")
    page = client.get(film.get_absolute_url())
    assert page.status_code == 451
    assert "Not here" in page.content.decode()
    assert "wt-player" not in page.content.decode()
    with pytest.raises(paying.Declined):
        paying.pay(film, viewer=bob, agreed=100)
    with pytest.raises(NotNow):
        find(f"videos/{film.key}", {})


def test_an_operators_nodes_give_it_back_and_are_not_asked_again(olga: User, bob: User) -> None:
    mine = make.holds(make.node(olga, free=1 << 40))
    others = make.holds(make.node(bob, free=1 << 40))
    Placement.objects.update(looked_at=timezone.now())
    refusing.decline(make.ROOT, reason="x", operator=registering.operator_of(olga))
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.state, others.state) == (Lease.State.ENDING, Lease.State.HELD)
    placement = Placement.objects.get()
    assert placement.looked_at is None
    Lease.objects.all().delete()
    assert choosing.choose(placement, 3) == [others.node]
    assert is_open(opened())


def test_what_the_gateway_declines_is_offered_to_nobody(olga: User) -> None:
    placement = make.holds(make.node(olga, free=1 << 40)).placement
    Lease.objects.all().delete()
    assert choosing.choose(placement, 1)
    refusing.decline(make.ROOT, reason="x")
    assert choosing.choose(placement, 1) == []


def test_the_list_is_public_and_signed(client: Client, olga: User) -> None:
    refusing.lift(refusing.decline(opened(), reason="An error\nof ours"))
    refusing.decline(opened(b"b"), reason="b")
    refusing.decline(opened(b"c"), reason="c", operator=registering.operator_of(olga))
    said = client.get("/refused/list").content.decode()
    statement, _, body = said.partition("\n")
    me = identity.own().peer_id
    claims = statements.read(statement, refusing.KIND, by=me, now=time.time())
    assert claims["sha256"] == sha256(body.encode()).hexdigest()
    entries = [json.loads(line) for line in body.splitlines()]
    assert claims["count"] == len(entries) == 2
    assert [entry["reason"] for entry in entries] == ["An error\nof ours", "b"]
    assert [entry["lifted"] is None for entry in entries] == [False, True]


def test_an_operators_own_list_is_signed_too(client: Client, olga: User) -> None:
    operator = registering.operator_of(olga)
    client.force_login(olga)
    client.post("/node/refusals/", {"cid": "bafkqaaa", "reason": "Mine"})
    claims = statements.read(
        client.get("/node/refusals/list").content.decode().partition("\n")[0],
        refusing.KIND,
        by=identity.own().peer_id,
        now=time.time(),
    )
    assert (claims["sub"], claims["count"]) == (operator.key, 1)
    client.post(f"/node/refusals/{Refusal.objects.get().key}/lift/")
    assert not refusing.standing(operator).exists()


def test_only_the_operator_of_the_gateway_declines_for_it(
    client: Client, alice: User, boss: User
) -> None:
    said = {"cid": opened(), "reason": "x"}
    for user in (None, alice):
        if user:
            client.force_login(user)
        assert client.post("/refused/", said).status_code == 404
        assert "Refuse it" not in client.get("/refused/").content.decode()
    assert not Refusal.objects.exists()
    client.force_login(boss)
    assert client.post("/refused/", {**said, "cid": "nonsense"}).status_code == 422
    assert client.post("/refused/", said).status_code == 302
    key = Refusal.objects.get().key
    client.force_login(alice)
    assert client.post(f"/refused/{key}/lift/").status_code == 404
    assert refusing.of(said["cid"]) is not None
    client.force_login(boss)
    client.post(f"/refused/{key}/lift/")
    assert refusing.of(said["cid"]) is None


def test_anyone_appeals_once_and_is_answered_in_public(
    client: Client, alice: User, boss: User
) -> None:
    refusal = refusing.decline(opened(), reason="x")
    page = f"/refused/{refusal.key}/"
    assert client.post(page, {"says": "No"}).status_code == 302
    assert not Appeal.objects.exists()
    client.force_login(alice)
    assert client.post(page, {"says": ""}).status_code == 422
    assert client.post(page, {"says": "It is mine <script>"}).status_code == 302
    assert client.post(page, {"says": "Again"}).status_code == 422
    appeal = Appeal.objects.get()
    assert client.post(f"{page}answer/{appeal.key}/", {"says": "Hm"}).status_code == 404
    client.force_login(boss)
    client.post(f"{page}answer/{appeal.key}/", {"says": "You are right."})
    client.logout()
    shown = client.get(page).content.decode()
    assert "You are right." in shown
    assert "It is mine &lt;script&gt;" in shown
    assert "alice" not in shown


def test_an_operators_refusals_are_nobody_elses(client: Client, olga: User, bob: User) -> None:
    made = refusing.decline("bafkqaaa", reason="x", operator=registering.operator_of(olga))
    client.force_login(bob)
    assert client.post(f"/node/refusals/{made.key}/lift/").status_code == 404
    assert client.get(f"/refused/{made.key}/").status_code == 404
    assert "bafkqaaa" not in client.get("/node/refusals/").content.decode()
    made.refresh_from_db()
    assert made.lifted is None


def test_the_content_itself_is_not_erased(tmp_path: Path) -> None:
    cid = opened()
    refusing.decline(cid, reason="x")
    assert Content.objects.filter(cid=cid).exists()
    assert network.read(cid) == b"a film"
