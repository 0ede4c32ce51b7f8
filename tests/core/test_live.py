"""Partials reach the tabs in the room, and nobody else gets in."""

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from tests import make
from wetube.core import live
from wetube.core.rooms import sockets
from wetube.people.models import User
from wetube.video import progress
from wetube.video.models import Video

pytestmark = pytest.mark.django_db(transaction=True)


def visit(user: User | AnonymousUser, room: str) -> WebsocketCommunicator:
    tab = WebsocketCommunicator(sockets, f"/live/{room}/")
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
