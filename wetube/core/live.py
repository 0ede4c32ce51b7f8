"""Pages that change while they are open: the server sends rendered partials to a room.

A page holds `<wt-live room="video.<key>">`; the consumer checks once, at the
door, that its viewer may be in the room, and passes on what is pushed. Each
partial carries an id and replaces the element of the same id in the page.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MayEnter = Callable[[Any, str], bool]
_doors: dict[str, MayEnter] = {}


def open_room(kind: str, *, may_enter: MayEnter) -> None:
    """Rooms named `<kind>.<key>` admit whom `may_enter(user, key)` admits."""
    _doors[kind] = may_enter


def push(room: str, template: str, context: Mapping[str, object]) -> None:
    """Send the partial, rendered in every language, to everyone in the room.

    A broker that is away loses only this.
    """
    layer = get_channel_layer()
    if layer is None:
        return
    html = {code: _rendered(code, template, context) for code, _name in settings.LANGUAGES}
    message = {"type": "partial", "html": html}
    try:
        async_to_sync(layer.group_send)(room, message)
    except (RedisError, OSError) as error:
        logger.warning("Room %s missed an update: %s", room, error)


def _rendered(language: str, template: str, context: Mapping[str, object]) -> str:
    with override(language):
        return render_to_string(template, dict(context))


class LiveConsumer(AsyncWebsocketConsumer):
    """One browser tab in one room; `?language=` says what its page is written in."""

    room = ""
    language = settings.LANGUAGE_CODE

    async def connect(self) -> None:
        kind, _, key = self.scope["url_route"]["kwargs"]["room"].partition(".")
        may_enter = _doors.get(kind)
        if may_enter is None:
            return await self.close(4404)
        if not await database_sync_to_async(may_enter)(self.scope["user"], key):
            return await self.close(4403)
        self.room = f"{kind}.{key}"
        self.language = _language(self.scope["query_string"])
        await self.channel_layer.group_add(self.room, self.channel_name)
        return await self.accept()

    async def disconnect(self, code: int) -> None:
        if self.room:
            await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A page only listens; what it says is not read."""

    async def partial(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["html"][self.language])


def _language(query: bytes) -> str:
    asked = parse_qs(query.decode("ascii", "replace")).get("language", [""])[0]
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
