"""People open, change and close their own channels, and follow those of others."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from tests.people.make_people import join, make_channel, signed_in
from wetube.people import channels, names
from wetube.people.models import Channel, Follow, Picture, User

pytestmark = pytest.mark.django_db


def picture(color: str = "red") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (800, 600), color).save(out, "PNG")
    return SimpleUploadedFile("x.png", out.getvalue(), "image/png")


@pytest.fixture
def browser(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


def test_a_second_channel_is_made_on_the_page(browser: Client, alice: User) -> None:
    answer = browser.post("/settings/channels/", {"handle": "Second", "name": ""})
    assert answer["Location"] == "/@second/"
    assert alice.channels.get().name == "second"


@pytest.mark.parametrize("handle", ["alices-films", "ALICES-films", "admin", "x", "sp ace"])
def test_a_handle_that_cannot_be_had_makes_no_channel(
    browser: Client, channel: Channel, handle: str
) -> None:
    answer = browser.post("/settings/channels/", {"handle": handle})
    assert answer.status_code == 422
    assert list(Channel.objects.all()) == [channel]


def test_there_is_an_end_to_channels(
    browser: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "MOST", 1)
    assert browser.post("/settings/channels/", {"handle": "second"}).status_code == 422
    assert Channel.objects.count() == 1


def test_a_channel_gets_a_banner_and_loses_it(browser: Client, channel: Channel) -> None:
    page = f"/settings/channels/{channel.key}/"
    text = {"handle": channel.handle, "name": "New name", "description": "Films."}
    assert browser.post(page, {**text, "banner": picture()}).status_code == 302
    channel.refresh_from_db()
    shown = browser.get(channel.banner_url)
    assert shown["Content-Type"] == "image/webp"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert "immutable" in shown["Cache-Control"]
    assert Image.open(BytesIO(shown.content)).size == (1600, 400)

    before = channel.banner_url
    browser.post(page, {**text, "banner": picture("blue")})
    assert browser.get(before).status_code == 404
    assert Picture.objects.count() == 1
    browser.post(page, {**text, "drop_banner": "on"})
    channel.refresh_from_db()
    assert (channel.banner_url, channel.name) == ("", "New name")
    assert not Picture.objects.exists()


def test_a_bad_picture_changes_nothing(browser: Client, channel: Channel) -> None:
    broken = SimpleUploadedFile("x.png", b"not a picture", "image/png")
    answer = browser.post(
        f"/settings/channels/{channel.key}/",
        {"handle": "other", "name": "Other", "avatar": picture(), "banner": broken},
    )
    assert answer.status_code == 422
    channel.refresh_from_db()
    assert channel.handle == "alices-films"
    assert not Picture.objects.exists()


def test_a_taken_handle_keeps_the_old_pictures(alice: User, bob: User, channel: Channel) -> None:
    make_channel(bob, "bobs-films")
    with pytest.raises(channels.HandleTaken):
        channels.edit(
            channel,
            handle="bobs-films",
            name="x",
            description="",
            changes=channels.Pictures(banner=BytesIO(picture().read())),
        )
    assert not Picture.objects.exists()
    channel.refresh_from_db()
    assert channel.handle == "alices-films"


def test_a_handle_from_before_a_rule_may_stay(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(handle="admin")
    channel.refresh_from_db()
    channels.edit(channel, handle="admin", name="Still here", description="")
    with pytest.raises(names.NameRefused):
        channels.edit(channel, handle="root", name="x", description="")


@pytest.mark.parametrize("page", ["", "delete/"])
def test_anothers_channel_is_not_found(
    bob: User, client: Client, channel: Channel, page: str
) -> None:
    client.force_login(bob)
    session = client.session
    session["proven_at"] = 2**40
    session.save()
    address = f"/settings/channels/{channel.key}/{page}"
    assert client.get(address).status_code == 404
    assert client.post(address, {"handle": "stolen"}).status_code == 404
    channel.refresh_from_db()
    assert channel.handle == "alices-films"


def test_deleting_a_channel_takes_its_pictures_along() -> None:
    user, _master, words = join("alice")
    browser, channel = signed_in(words), user.channels.get()
    channels.edit(
        channel,
        handle="alice",
        name="x",
        description="",
        changes=channels.Pictures(avatar=BytesIO(picture().read())),
    )
    browser.post(f"/settings/channels/{channel.key}/delete/")
    assert not Channel.objects.exists()
    assert not Picture.objects.exists()


def test_following_works_without_javascript(bob: User, client: Client, channel: Channel) -> None:
    client.force_login(bob)
    for _ in range(2):
        answer = client.post(f"/channels/{channel.key}/follow/")
        assert answer["Location"] == "/@alices-films/"
    assert Follow.objects.get().user == bob
    for _ in range(2):
        client.post(f"/channels/{channel.key}/follow/", {"stop": "1", "next": "/"})
    assert not Follow.objects.exists()


def test_following_by_htmx_swaps_the_button(bob: User, client: Client, channel: Channel) -> None:
    client.force_login(bob)
    answer = client.post(f"/channels/{channel.key}/follow/", headers={"hx-request": "true"})
    assert answer.status_code == 200
    assert b"Following" in answer.content
    assert b"1 follower" in answer.content
    assert b"<html" not in answer.content


def test_a_stranger_is_asked_to_log_in_and_a_get_follows_nobody(
    client: Client, bob: User, channel: Channel
) -> None:
    assert "/log-in/" in client.post(f"/channels/{channel.key}/follow/")["Location"]
    client.force_login(bob)
    assert client.get(f"/channels/{channel.key}/follow/").status_code == 405
    assert not Follow.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_costs_the_same_for_many(
    browser: Client, alice: User, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        make_channel(alice)
    browser.get("/settings/channels/")
    with django_assert_max_num_queries(6):
        browser.get("/settings/channels/")
