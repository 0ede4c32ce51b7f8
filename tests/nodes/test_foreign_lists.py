"""Lists of others: fetched from a machine we do not trust, in force at every door, off at once."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from node_bridge import denylists
from node_bridge.cid import parse
from tests.make import channel, published
from tests.nodes import make_pay as make
from tests.nodes import trusted
from tests.nodes.publisher import Publisher
from tests.nodes.test_refusals import boss, opened  # noqa: F401 - a fixture
from wetube.content import network
from wetube.nodes import calling, choosing, foreign_lists, identity, published_lists, refusing
from wetube.nodes.doors import DecliningDoor
from wetube.nodes.models import Allowance, ForeignList, ForeignRule, Lease
from wetube.people.models import User
from wetube.pinning import asking, wishes
from wetube.pinning.refusals import Declined
from wetube.video import steps
from wetube.video.transcoding.errors import BadMedia

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def publisher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[Publisher]:
    settings.NODE_RANGES = ["127.0.0.0/8"]
    certificate = trusted.loopback(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    calling._connections.cache_clear()
    made = Publisher(certificate)
    yield made
    made.peer.close()
    calling._connections.cache_clear()


@pytest.fixture
def taken(publisher: Publisher) -> Callable[..., ForeignList]:
    """Publishes these rules and takes the list over, or fetches it again."""

    def take(*rules: str) -> ForeignList:
        if rules:
            publisher.says(*rules)
        source = foreign_lists.take_over(publisher.url)
        ForeignList.objects.update(next_try=timezone.now())
        foreign_lists.refresh(source.pk)
        source.refresh_from_db()
        return source

    return take


Take = Callable[..., ForeignList]


def hashed(cid: str) -> str:
    return f"//{denylists.marks(parse(cid))[0].hex()}"


def is_open(cid: str) -> bool:
    return async_to_sync(DecliningDoor().is_open)(cid)


def is_part_open(cid: str) -> bool:
    return async_to_sync(DecliningDoor().is_part_open)(cid)


def test_what_stands_on_it_is_closed_until_one_goes_by_it_no_more(taken: Take) -> None:
    cid, other = opened(), opened(b"another", "video:2")
    source = taken(hashed(cid), "/ipns/domain.example")
    assert (source.name, source.entries, source.left_out, source.why) == ("Theirs", 1, 1, "")
    assert not is_open(cid)
    assert not is_part_open(cid)
    assert is_open(other)
    assert is_part_open(other)
    foreign_lists.stop(source)
    assert is_open(cid)
    assert is_part_open(cid)
    assert not ForeignRule.objects.exists()


def test_a_path_and_all_below_a_folder(taken: Take) -> None:
    leaf = opened()
    folder = network.store_directory({"a": leaf, "b": network.store_bytes([b"b"])})
    taken(f"/ipfs/{folder}/a*", f"+/ipfs/{folder}/abc")
    declined = async_to_sync(DecliningDoor().is_declined)
    assert declined(f"{folder}/a")
    assert declined(f"{folder}/ab/c")
    assert not declined(f"{folder}/abc")
    assert not declined(f"{folder}/b")
    assert not declined(folder)
    assert not declined(leaf)


def test_what_the_gateway_allows_itself_is_served(taken: Take) -> None:
    cid = opened()
    taken(f"/ipfs/{cid}")
    allowance = foreign_lists.allow(cid, reason="We looked at it.")
    assert is_open(cid)
    refusing.decline(cid, reason="On second thoughts")
    assert not is_open(cid)
    refusing.lift(refusing.standing().get())
    foreign_lists.allow_no_more(allowance)
    assert not is_open(cid)


def test_it_is_neither_pinned_nor_placed_nor_shown(
    taken: Take, alice: User, olga: User, client: Client
) -> None:
    film = published(channel(alice, "films"))
    placement = make.holds(make.node(olga, free=1 << 40)).placement
    Lease.objects.all().delete()
    assert choosing.choose(placement, 1)
    taken(f"/ipfs/{film.cid}/*", f"/ipfs/{make.ROOT}")
    assert choosing.choose(placement, 1) == []
    with pytest.raises(Declined, match="Theirs"):
        asking.ask(alice, wishes.wish({"cid": film.cid}))
    page = client.get(film.get_absolute_url())
    assert page.status_code == 451
    assert "on the list Theirs" in page.content.decode()


def test_a_known_file_is_not_published(taken: Take, tmp_path: Path) -> None:
    file = tmp_path / "film.mp4"
    file.write_bytes(b"a known film" * 200_000)
    cid = network.name_of(file)
    steps._check_wanted([cid])
    taken(hashed(cid))
    assert refusing.is_anything_declined()
    with pytest.raises(BadMedia, match="Theirs"):
        steps._check_wanted([cid])


def test_a_list_that_changes_is_followed_and_asked_for_by_its_etag(
    taken: Take, publisher: Publisher
) -> None:
    first, second = opened(), opened(b"second", "video:2")
    taken(f"/ipfs/{first}")
    kept = set(ForeignRule.objects.values_list("pk", flat=True))
    assert taken().why == ""
    assert publisher.seen[1] != ""
    assert set(ForeignRule.objects.values_list("pk", flat=True)) == kept
    assert taken(f"/ipfs/{second}").entries == 1
    assert is_open(first)
    assert not is_open(second)
    assert taken(f"/ipfs/{second}", f"/ipfs/{first}").entries == 2
    assert not is_open(first)


GARBAGE = {
    "gone": (404, b""),
    "moved": (302, b""),
    "a page": (200, b"<!doctype html>\n<p>Buy this domain\n"),
    "nothing": (200, b""),
    "binary": (200, bytes(range(256)) * 100),
    "signed by nobody": (200, b"aaaa.bbbb." + b"A" * 86 + b"\n{}\n"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_makes_no_sense_changes_nothing_and_is_told(
    taken: Take, publisher: Publisher, name: str
) -> None:
    cid = opened()
    before = taken(f"/ipfs/{cid}")
    publisher.code, publisher.body = GARBAGE[name]
    after = taken()
    assert after.why
    assert (after.fetched, after.entries) == (before.fetched, 1)
    assert after.next_try > timezone.now()
    assert not is_open(cid)
    publisher.code = 200
    assert taken("/ipfs/bafkqaaa").why == ""
    assert is_open(cid)


def test_it_is_bounded(taken: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    cid = opened()
    monkeypatch.setattr(published_lists, "MOST_LINES", 1)
    assert "more than 1 lines" in taken(f"/ipfs/{cid}", "/ipfs/bafkqaaa").why
    monkeypatch.setattr(published_lists, "MOST_BYTES", 10)
    assert "longer" in taken(f"/ipfs/{cid}").why
    assert not ForeignRule.objects.exists()


def test_a_gateways_signed_list_is_believed_of_one_signer_alone(
    taken: Take, publisher: Publisher, settings: Settings, tmp_path: Path
) -> None:
    cid, lifted = opened(), opened(b"lifted", "video:2")
    refusing.lift(refusing.decline(lifted, reason="x"))
    own = refusing.decline(cid, reason="x")
    publisher.body = refusing.published().encode()
    refusing.lift(own)
    source = taken()
    assert (source.signer, source.entries, source.why) == (identity.own().peer_id, 1, "")
    assert not is_open(cid)
    assert is_open(lifted)
    signed = publisher.body
    publisher.body = signed.replace(b"null", b'"2020"')
    assert "not what was signed" in taken().why
    publisher.says(f"/ipfs/{lifted}")
    assert "not any more" in taken().why
    settings.KEYS_DIR = tmp_path / "others"
    publisher.body = refusing.published().encode()
    assert "somebody else" in taken().why
    assert not is_open(cid)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "https://u:p@example.org/",
        "ftp://x",
        "",
        "https://a b/",
        "javascript:x",
    ],
)
def test_no_list_is_taken_from_such_an_address(url: str) -> None:
    with pytest.raises(foreign_lists.BadListAddress):
        foreign_lists.take_over(url)
    assert not ForeignList.objects.exists()


def test_a_private_address_is_not_called(
    taken: Take, publisher: Publisher, settings: Settings
) -> None:
    settings.NODE_RANGES = []
    assert "private" in taken("/ipfs/bafkqaaa").why
    assert publisher.peer.lines == 0


def test_two_workers_fetch_it_once(publisher: Publisher) -> None:
    publisher.says("/ipfs/bafkqaaa")
    source = foreign_lists.take_over(publisher.url)
    assert foreign_lists.due() == [source.pk]
    foreign_lists.refresh(source.pk)
    foreign_lists.refresh(source.pk)
    assert len(publisher.seen) == 1
    assert foreign_lists.due() == []


def test_only_the_operator_takes_over_and_stops(
    client: Client,
    alice: User,
    boss: User,  # noqa: F811
    publisher: Publisher,
    taken: Take,
) -> None:
    cid = opened()
    client.force_login(alice)
    assert client.post("/refused/lists/", {"url": publisher.url}).status_code == 404
    assert client.post("/refused/allowed/", {"cid": cid, "reason": "x"}).status_code == 404
    client.force_login(boss)
    assert client.post("/refused/lists/", {"url": "http://x.example"}).status_code == 422
    assert client.post("/refused/lists/", {"url": publisher.url}).status_code == 302
    source = taken(f"/ipfs/{cid}")
    ForeignList.objects.update(fetched=timezone.now() - timedelta(days=2), why="It answers 404.")
    assert client.post("/refused/allowed/", {"cid": "x", "reason": "x"}).status_code == 422
    assert client.post("/refused/allowed/", {"cid": cid, "reason": "Ours"}).status_code == 302
    shown = client.get("/refused/").content.decode()
    assert "Theirs" in shown
    assert "It answers 404." in shown
    client.force_login(alice)
    assert "Stop using it" not in client.get("/refused/").content.decode()
    allowance = Allowance.objects.get()
    assert client.post(f"/refused/allowed/{allowance.pk}/end/").status_code == 404
    assert client.post(f"/refused/lists/{source.key}/stop/").status_code == 404
    client.force_login(boss)
    client.post(f"/refused/allowed/{allowance.pk}/end/")
    assert not is_open(cid)
    client.post(f"/refused/lists/{source.key}/stop/")
    assert is_open(cid)


def test_ours_is_published_as_a_denylist_too(client: Client) -> None:
    cid = opened()
    refusing.decline(cid, reason="An error\nof ours")
    refusing.lift(refusing.decline(opened(b"lifted", "video:2"), reason="x"))
    found = denylists.read(client.get("/refused/list.deny").content.decode(), most=10)
    assert [rule.mark for rule in found.rules] == [denylists.marks(parse(cid))[0]]
