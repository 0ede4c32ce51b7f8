"""Storing in the network and letting go of it, through this gateway's own node."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from node_bridge import NodeEngine, NodeError, OverQuota
from wetube.content import engines
from wetube.content.models import Content, Name, Pin

PIN_NAME = "site"


class Unreachable(Exception):
    """The node did not take or give the bytes; trying again later may help."""


class Full(Exception):
    """The node has no room left for these bytes."""


@cache
def engine() -> NodeEngine:
    """This process's door to the node."""
    return engines.engine(engines.chosen())


def store_file(path: Path) -> str:
    """Add one file to the node and return its CID; safe to repeat.

    Raises Unreachable or Full.
    """
    with _named_failures(), path.open("rb") as file:
        return engine().add(file).cid


def name_of(path: Path) -> str:
    """The CID that a file would have, storing nothing."""
    with _named_failures(), path.open("rb") as file:
        return engine().add(file, only_hash=True).cid


def store_bytes(pieces: Iterable[bytes]) -> str:
    """Like store_file, from memory."""
    with _named_failures():
        return engine().add(pieces).cid


def store_directory(files: Mapping[str, str]) -> str:
    """Make one folder of files already stored (name → CID) and return its CID."""
    with _named_failures():
        return engine().add_dir(files).cid


def read(path: str, offset: int = 0, length: int | None = None) -> bytes:
    """Bytes of a stored file (`<cid>` or `<cid>/name`), held in memory: for small parts."""
    with _named_failures():
        return b"".join(engine().cat(path, offset, length))


def weigh(cid: str) -> int:
    """Bytes of all the blocks of a graph that is here, each once."""
    with _named_failures():
        return sum(len(engine().get_block(block)) for block in engine().blocks(cid))


def blocks(cid: str) -> Iterator[str]:
    """The CID of every block of a content that is here; raises Unreachable on the way."""
    with _named_failures():
        yield from engine().blocks(cid)


def keep(cid: str, *, size: int, holder: str, is_open: bool = False) -> Content:
    """Keep the content for `holder` until it lets go; safe to repeat.

    The row is the truth; the node's own pin follows it, here and in `reconcile`.
    """
    with transaction.atomic():
        content, _new = Content.objects.get_or_create(cid=cid, defaults={"size": size})
        Pin.objects.update_or_create(content=content, holder=holder, defaults={"is_open": is_open})
    with _named_failures():
        engine().pin(cid, name=PIN_NAME)
    return content


def let_go(holder: str, *, but: str = "") -> None:
    """`holder` needs nothing any more, or nothing but one CID; the next sweep frees the rest."""
    Pin.objects.filter(holder=holder).exclude(content__cid=but).delete()


def set_open(holder: str, *, is_open: bool) -> None:
    """Open or close to everybody what `holder` keeps, its name included."""
    Pin.objects.filter(holder=holder).update(is_open=is_open)
    Name.objects.filter(name=holder).update(is_open=is_open)


def point(name: str, cid: str, *, is_open: bool) -> None:
    """Let the name stand for this content from now on."""
    Name.objects.update_or_create(
        name=name, defaults={"cid": cid, "is_open": is_open, "changed": timezone.now()}
    )


def forget_name(name: str) -> None:
    Name.objects.filter(name=name).delete()


def reconcile() -> int:
    """Let the node keep exactly what the rows say and free the rest; bytes freed.

    Blocks younger than the node's grace period stay, so a store under way is safe.
    """
    Content.objects.filter(pins=None).delete()
    wanted = {
        *Content.objects.values_list("cid", flat=True),
        *Name.objects.values_list("cid", flat=True),
    }
    with _named_failures():
        node = engine()
        pinned = {pin.cid for pin in node.pins(name=PIN_NAME)}
        for cid in wanted - pinned:
            node.pin(cid, name=PIN_NAME)
        for cid in pinned - wanted:
            if not Content.objects.filter(cid=cid).exists():
                node.unpin(cid, name=PIN_NAME)
        return node.gc()


@contextmanager
def _named_failures() -> Iterator[None]:
    """The node's failures in the site's words."""
    try:
        yield
    except OverQuota as error:
        raise Full(_("The node of this gateway is full.")) from error
    except (NodeError, OSError) as error:
        raise Unreachable(str(error)) from error
