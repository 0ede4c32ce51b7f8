"""Partials reach the tabs in the room, and nobody else gets in."""

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser
from django.utils import translation

from tests import make
from wetube.core import live
from wetube.core.rooms import sockets
from wetube.people.models import User
from wetube.video import progress
from wetube.video.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


def visit(user: User | AnonymousUser, room: str, *, language: str = "en") -> WebsocketCommunicator:
    tab = WebsocketCommunicator(sockets, f"/live/{room}/?language={language}")
    tab.scope["user"] = user  # type: ignore[typeddict-unknown-key]  # AuthMiddleware's own key
    return tab


@database_sync_to_async
def a_film() -> tuple[User, User, Video]:
    alice, bob = make.user("alice"), make.user("bob")
    return alice, bob, make.video(make.channel(alice), state=Video.State.PLANNED)


async def test_the_owner_sees_the_work_move() -> None:
    alice, _, video = await a_film()
    tab = visit(alice, f"video.{video.key}")
    assert (await tab.connect())[0]

    await sync_to_async(progress.tell)(video)

    assert f'id="status-{video.key}"' in await tab.receive_from()
    await tab.disconnect()


async def test_every_tab_is_told_in_its_own_language() -> None:
    alice, _, video = await a_film()
    tabs = [visit(alice, f"video.{video.key}", language=asked) for asked in ("es", "en", "xx")]
    for tab in tabs:
        await tab.connect()

    await sync_to_async(progress.tell)(video)

    told = [await tab.receive_from() for tab in tabs]
    with translation.override("es"):
        spanish = str(Video.State.PLANNED.label)
    assert spanish != "Encoding"
    assert [spanish in each for each in told] == [True, False, False]
    for tab in tabs:
        await tab.disconnect()


async def test_strangers_are_sent_away() -> None:
    _, bob, video = await a_film()

    for user, room, code in (
        (bob, f"video.{video.key}", 4403),
        (AnonymousUser(), f"video.{video.key}", 4403),
        (bob, "kitchen.1", 4404),
    ):
        tab = visit(user, room)
        assert await tab.connect() == (False, code)


def test_a_push_into_an_empty_room_is_no_error() -> None:
    live.push("video.nobody", "ui/notice.html", {"kind": "info", "text": "hello"})
