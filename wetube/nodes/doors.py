"""The gateway's Door, shut for what the gateway declines."""

from channels.db import database_sync_to_async

from wetube.content import parts
from wetube.content.doors import SiteDoor
from wetube.nodes import refusing


class DecliningDoor(SiteDoor):
    """As the rows say, but for what this gateway declines, by itself or by a list of others."""

    async def is_open(self, cid: str) -> bool:
        return await super().is_open(cid) and not await self.is_declined(cid)

    async def is_part_open(self, cid: str) -> bool:
        return await database_sync_to_async(_is_part_open)(cid)

    async def is_declined(self, path: str) -> bool:
        return await database_sync_to_async(_is_declined)(path)


def _is_declined(path: str) -> bool:
    return refusing.of(path) is not None


def _is_part_open(cid: str) -> bool:
    """A block may lie under several roots; one that is not declined is enough."""
    roots = parts.open_roots(cid)
    declined = refusing.declined({cid, *roots})
    return cid not in declined and any(root not in declined for root in roots)
