"""The gateway's Door, shut for what the gateway declines."""

from channels.db import database_sync_to_async

from wetube.content import parts
from wetube.content.doors import SiteDoor
from wetube.nodes import refusing


class DecliningDoor(SiteDoor):
    """As the rows say, but for what stands on this gateway's public list."""

    async def is_open(self, cid: str) -> bool:
        return await super().is_open(cid) and not await database_sync_to_async(_is_declined)(cid)

    async def is_part_open(self, cid: str) -> bool:
        return await database_sync_to_async(_is_part_open)(cid)


def _is_declined(cid: str) -> bool:
    return refusing.of(cid) is not None


def _is_part_open(cid: str) -> bool:
    """A block may lie under several roots; one that is not declined is enough."""
    declined = refusing.standing().values("cid")
    return not _is_declined(cid) and parts.is_open(cid, but=declined)
