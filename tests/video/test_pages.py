"""Pages show what they should, to whom they should, at a fixed number of queries."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests import make
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Charge
from wetube.people.models import Channel, User
from wetube.video import editing, uploads
from wetube.video.models import Caption, Video

COIN = 10**8


@pytest.fixture
def as_alice(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def as_bob(bob: User) -> Client:
    visitor = Client()
    visitor.force_login(bob)
    return visitor


@pytest.mark.parametrize("films", [1, 20])
@pytest.mark.parametrize(
    ("address", "queries"), [("/", 2), ("/@alices-films/", 4), ("/search/?q=storm", 2)]
)
def test_lists_ask_the_database_as_often_however_long_they_are(
    client: Client,
    channel: Channel,
    films: int,
    address: str,
    queries: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(films):
        make.published(channel)

    with django_assert_max_num_queries(queries + 1):
        answer = client.get(address)

    assert answer.status_code == 200
    assert b"Storm at sea" in answer.content


def test_a_film_page_names_its_source_and_its_viewing(client: Client, channel: Channel) -> None:
    video = make.published(channel, description="0:00 Calm\n0:30 Storm")

    page = client.get(video.get_absolute_url()).content.decode()

    assert f"/ipfs/{video.cid}" in page
    assert "<wt-player" in page
    assert "progressive.mp4" in page


def test_a_private_film_does_not_exist_for_others(
    client: Client, as_bob: Client, channel: Channel
) -> None:
    video = make.published(channel, visibility="private")

    for visitor in (client, as_bob):
        for part in ("", "grant/", "status/"):
            assert visitor.get(f"{video.get_absolute_url()}{part}").status_code == 404


def test_the_address_of_a_film_for_sale_is_not_in_its_page(
    client: Client, channel: Channel
) -> None:
    video = make.published(channel, price=COIN)

    page = client.get(video.get_absolute_url()).content.decode()

    assert video.cid not in page
    assert client.get(f"{video.get_absolute_url()}grant/").status_code == 403


def test_a_password_is_asked_once(client: Client, channel: Channel) -> None:
    video = make.published(channel)
    editing.edit(video, {"visibility": "password"}, password="open sesame")
    door = f"{video.get_absolute_url()}password/"

    assert video.cid not in client.get(video.get_absolute_url()).content.decode()
    assert client.post(door, {"password": "wrong"}).status_code == 422
    assert client.post(door, {"password": "open sesame"}).status_code == 302
    assert "<wt-player" in client.get(video.get_absolute_url()).content.decode()


def test_passwords_are_guessed_slowly(client: Client, channel: Channel) -> None:
    video = make.published(channel)
    editing.edit(video, {"visibility": "password"}, password="open sesame")
    door = f"{video.get_absolute_url()}password/"
    for _ in range(10):
        client.post(door, {"password": "wrong"})

    assert client.post(door, {"password": "open sesame"}).status_code == 422


def test_paying_from_the_page(as_bob: Client, bob: User, channel: Channel) -> None:
    video = make.published(channel, price=COIN)
    before = ledger.account_of(bob).available

    answer = as_bob.post(f"{video.get_absolute_url()}pay/", {"price": str(COIN)}, follow=True)

    assert "<wt-player" in answer.content.decode()
    assert ledger.account_of(bob).available == before - COIN


def test_without_enough_coin_the_page_says_what_to_do(
    as_bob: Client, bob: User, channel: Channel
) -> None:
    account = ledger.account_of(bob)
    tab = account.tab
    type(tab).objects.filter(pk=tab.pk).update(per_view_cap=10**13, per_day_cap=10**13)
    video = make.published(channel, price=100 * COIN)

    answer = as_bob.post(f"{video.get_absolute_url()}pay/", {"price": str(100 * COIN)})

    assert answer.status_code == 402
    assert not Charge.objects.exists()


@pytest.mark.parametrize("price", ["", "-1", "x", "9" * 40, "1.5"])
def test_a_nonsense_price_is_refused(as_bob: Client, channel: Channel, price: str) -> None:
    video = make.published(channel, price=COIN)

    as_bob.post(f"{video.get_absolute_url()}pay/", {"price": price})

    assert not Charge.objects.exists()


def test_announcing_an_upload(as_alice: Client, channel: Channel) -> None:
    answer = as_alice.post("/upload/start/", {"name": "storm.mp4", "size": "1000"})

    assert answer.status_code == 201
    said = json.loads(answer.content)
    assert "/uploads" in said["endpoint"]
    listed = json.loads(as_alice.get("/upload/unfinished/").content)
    assert [upload["key"] for upload in listed["uploads"]] == [said["key"]]
    assert as_alice.post(f"/upload/{said['key']}/cancel/").status_code == 204
    assert not Video.objects.exists()


@pytest.mark.parametrize("said", [{}, {"name": "a"}, {"name": "a", "size": "-1"}, {"size": "5"}])
def test_a_half_said_upload_is_refused(
    as_alice: Client, channel: Channel, said: dict[str, str]
) -> None:
    assert as_alice.post("/upload/start/", said).status_code == 400
    assert not Video.objects.exists()


def test_nobody_touches_anothers_film(as_bob: Client, channel: Channel) -> None:
    video = make.published(channel)
    waiting = uploads.begin(channel=channel, name="a.mp4", size=5)

    for part in ("edit/", "poster/", "captions/", "retry/", "delete/"):
        assert as_bob.post(f"{video.get_absolute_url()}{part}").status_code in {404, 405}
    assert as_bob.post(f"/upload/{waiting.key}/cancel/").status_code == 404
    assert Video.objects.count() == 2


def test_editing_details(as_alice: Client, channel: Channel) -> None:
    video = make.published(channel)

    answer = as_alice.post(
        f"{video.get_absolute_url()}edit/",
        {"title": "Calm", "visibility": "public", "price": "0.05", "tags": "sea, wind , sea"},
    )

    assert answer.status_code == 302
    video.refresh_from_db()
    assert (video.title, video.price, video.tags) == ("Calm", 5_000_000, ["sea", "wind"])


def test_a_bad_edit_changes_nothing(as_alice: Client, channel: Channel) -> None:
    video = make.published(channel)

    answer = as_alice.post(f"{video.get_absolute_url()}edit/", {"title": "", "visibility": "x"})

    assert answer.status_code == 422
    video.refresh_from_db()
    assert video.title == "Storm at sea"


def test_captions_come_and_go(as_alice: Client, channel: Channel) -> None:
    video = make.published(channel)
    before = video.cid

    srt = SimpleUploadedFile(
        "a.srt", b"1\n00:00:01,000 --> 00:00:02,000\nHola <script>x</script>\n"
    )
    as_alice.post(f"{video.get_absolute_url()}captions/", {"language": "es", "file": srt})

    video.refresh_from_db()
    assert video.captions.get().language == "es"
    assert video.cid != before

    as_alice.post(f"{video.get_absolute_url()}captions/es/delete/")
    video.refresh_from_db()
    assert not Caption.objects.exists()
    assert video.cid == before


def test_the_library_shows_films_in_every_state(as_alice: Client, channel: Channel) -> None:
    for state in Video.State:
        make.video(channel, title=f"Film {state}", state=state, failure="Broken.")

    page = as_alice.get("/library/").content.decode()

    assert all(f"Film {state}" in page for state in Video.State)


def test_pages_work_in_spanish(client: Client, channel: Channel) -> None:
    assert 'lang="es"' in client.get("/", headers={"accept-language": "es"}).content.decode()


def test_a_waiting_page_is_given_the_player_when_there_is_something_to_play(
    client: Client, channel: Channel
) -> None:
    video = make.video(channel, state=Video.State.PLANNED)
    screen = f"{video.get_absolute_url()}screen/"

    assert "every 2s" in client.get(video.get_absolute_url()).content.decode()
    assert client.get(screen).status_code == 204
    Video.objects.update(has_preview=True)
    assert f"/live/preview:{video.key}" in client.get(screen).content.decode()


def test_the_player_speaks_each_visitors_language(client: Client, channel: Channel) -> None:
    page = make.published(channel).get_absolute_url()

    for language, word in (
        ("en", "Full screen"),
        ("es", "Pantalla completa"),
        ("en", "Full screen"),
    ):
        said = client.get(page, headers={"accept-language": language}).content.decode()
        words = said.split("data-labels>")[1].split("</script>")[0]
        assert json.loads(words)["fullscreen"] == word
