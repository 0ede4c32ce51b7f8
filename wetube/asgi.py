"""Where the two servers are put together: `site` for pages, `gateway` for bytes.

Daphne serves `wetube.asgi:site`, granian serves `wetube.asgi:gateway`.
"""

import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wetube.settings")
django.setup(set_prefix=False)

# ruff: noqa: E402 - the apps can be imported only now
from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.routing import ProtocolTypeRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings

from gateway import Gateway, NotReceived, Site, Uploads
from wetube.content import doors, far, grants, network
from wetube.core.page_threads import PagesHandler
from wetube.core.rooms import sockets
from wetube.nodes import results
from wetube.nodes.doors import DecliningDoor
from wetube.nodes.routing import SiteRouter
from wetube.video import receiving
from wetube.video.goods import WeTubeGoods
from wetube.wire.counter import SiteCounter


class SiteReceiver:
    """The gateway's Receiver: films by people, and results of jobs by nodes."""

    async def finished(self, key: str, path: Path, size: int, filename: str) -> str:
        if results.is_result(key):
            return await self._result(key)
        receive = database_sync_to_async(receiving.receive)
        try:
            return await receive(key, size=size, filename=filename)
        except receiving.Cancelled as error:
            raise NotReceived(str(error)) from error

    async def _result(self, key: str) -> str:
        try:
            return await database_sync_to_async(results.arrived)(key)
        except results.NotExpected as error:
            raise NotReceived(str(error)) from error


site = ProtocolTypeRouter(
    {
        "http": PagesHandler(),
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(sockets)),
    }
)
gateway = Gateway(
    engine=network.engine(),
    keyring=grants.keyring(),
    site=Site(
        door=DecliningDoor(),
        receiver=SiteReceiver(),
        meter=doors.SiteMeter(),
        counter=SiteCounter(WeTubeGoods()),
        router=SiteRouter(),
        far=far.engine(),
    ),
    uploads=Uploads(settings.UPLOADS_DIR, most=settings.MAX_UPLOAD_BYTES),
    public_url=settings.GATEWAY_URL,
)
