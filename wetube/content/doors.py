"""What the gateway asks of the site: who may read what, who has paid for bytes to be counted."""

from collections.abc import Mapping

from channels.db import database_sync_to_async
from django.db import transaction
from django.db.models import F

from wetube.content import parts
from wetube.content.models import Delivery, Name, Pin


class SiteDoor:
    """The gateway's Door, answered from the rows."""

    async def is_open(self, cid: str) -> bool:
        return await database_sync_to_async(_is_open)(cid)

    async def is_part_open(self, cid: str) -> bool:
        return await database_sync_to_async(parts.is_open)(cid)

    async def is_declined(self, path: str) -> bool:
        return False

    async def resolve(self, name: str) -> str | None:
        return await database_sync_to_async(_resolve)(name)

    async def is_name_open(self, name: str) -> bool:
        return await database_sync_to_async(_is_name_open)(name)


class SiteMeter:
    """The gateway's Meter: counts add up in one row a grant."""

    async def delivered(self, counts: Mapping[str, int]) -> None:
        await database_sync_to_async(_add_up)(counts)


def _is_open(cid: str) -> bool:
    return Pin.objects.filter(content__cid=cid, is_open=True).exists()


def _resolve(name: str) -> str | None:
    return Name.objects.filter(name=name).values_list("cid", flat=True).first()


def _is_name_open(name: str) -> bool:
    return Name.objects.filter(name=name, is_open=True).exists()


@transaction.atomic
def _add_up(counts: Mapping[str, int]) -> None:
    for key, size in sorted(counts.items()):
        Delivery.objects.get_or_create(key=key)
        Delivery.objects.filter(key=key).update(size=F("size") + size)
