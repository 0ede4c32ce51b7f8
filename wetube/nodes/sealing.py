"""Private bytes in the network: sealed and coded on the way in, gathered and opened on the way out.

A stored file is known by its **reference**, the CID of its sealed manifest, and its key. Without
the key nobody reads it, this gateway's nodes and database included; keep the key wrapped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from secrets import token_bytes

from django.db import transaction
from django.utils.translation import gettext as _

from node_bridge import NodeError, OverQuota
from node_bridge.engine import Added
from node_bridge.network import coding, columns, manifests
from node_bridge.network.coding import PART_STRIPES, Codec, Seal
from node_bridge.network.columns import Column
from node_bridge.network.manifests import Manifest, Part
from wetube.content import network
from wetube.content.models import Content, Pin
from wetube.content.network import Full, Unreachable
from wetube.core.keys import new_key
from wetube.core.later import after_commit
from wetube.nodes import choosing, placing, tasks
from wetube.nodes.models import Placement

__all__ = ["Full", "Sealed", "TooFewOperators", "Unreachable", "forget_private", "store_private"]

PURPOSE = "data"


class TooFewOperators(Exception):
    """There are not enough independent operators to keep shards apart."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """`size` is bytes of the file. `repr` never shows the key."""

    reference: str
    key: bytes
    size: int

    def __repr__(self) -> str:
        return f"Sealed({self.reference}, {self.size} bytes)"


@dataclass(frozen=True, slots=True)
class _Stored:
    """A part as our own node has it."""

    part: Part
    columns: list[Column]


def store_private(stream: Iterable[bytes]) -> Sealed:
    """Seal and code a stream, and have nodes keep its shards; readable as soon as this returns.

    Until its nodes hold them, our own node does. Raises TooFewOperators, Full, Unreachable, and
    whatever the stream raises: then nothing is kept.
    """
    codec = coding.for_operators(choosing.operators())
    if codec is None:
        raise TooFewOperators(_("Too few people run nodes here to keep this safe."))
    key, holder = token_bytes(coding.KEY), f"private:{new_key()}"
    reader = _Reader(stream, codec.stripe)
    try:
        stored = list(_parts(reader, codec, Seal(key, PURPOSE), holder))
        manifest = Manifest(codec, reader.size, tuple(each.part for each in stored))
        added = network.engine().add(manifests.seal(manifest, key))
        network.keep(added.cid, size=added.dag_size, holder=holder)
        _place(holder, codec, stored, added)
    except OverQuota as error:
        network.let_go(holder)
        raise Full(_("The node of this gateway is full.")) from error
    except (NodeError, OSError) as error:
        network.let_go(holder)
        raise Unreachable(str(error)) from error
    except BaseException:
        network.let_go(holder)
        raise
    return Sealed(added.cid, key, reader.size)


@transaction.atomic
def forget_private(reference: str) -> None:
    """Nobody keeps this any more; forgetting twice is harmless."""
    manifest = Placement.objects.filter(root=reference, holder__startswith="private:").first()
    if manifest is None:
        return
    placements = list(Placement.objects.filter(holder=manifest.holder))
    placing.end(placements)
    for placement in placements:
        network.let_go(placing.spool(placement.key))


class _Reader:
    """A stream cut into stripes, and how much of it there was."""

    def __init__(self, stream: Iterable[bytes], stripe: int) -> None:
        self.size = 0
        self._stripes = self._cut(iter(stream), stripe)

    def next_part(self) -> Iterator[bytes]:
        return islice(self._stripes, PART_STRIPES)

    def _cut(self, stream: Iterator[bytes], stripe: int) -> Iterator[bytes]:
        waiting = bytearray()
        for piece in stream:
            waiting += piece
            while len(waiting) >= stripe:
                self.size += stripe
                yield bytes(memoryview(waiting)[:stripe])
                del waiting[:stripe]
        if waiting:
            self.size += len(waiting)
            yield bytes(waiting)


def _parts(reader: _Reader, codec: Codec, seal: Seal, holder: str) -> Iterator[_Stored]:
    """Parts as they become whole in our own node, each kept there for `holder`."""
    number = 0
    while (first := next(reader.next_part(), None)) is not None:
        stripes = _Coded(codec, seal, number)
        stored = columns.store(network.engine(), stripes.of(first, reader), codec.n)
        number = stripes.number
        for column in stored:
            network.keep(column.cid, size=column.size, holder=holder)
        cids, shards = tuple(each.cid for each in stored), tuple(each.shards for each in stored)
        yield _Stored(Part(f"set:{new_key()}", cids, shards), stored)


class _Coded:
    """The shards of one part's stripes; `number` counts all stripes of the file."""

    def __init__(self, codec: Codec, seal: Seal, number: int) -> None:
        self.number = number
        self._codec = codec
        self._seal = seal

    def of(self, first: bytes, reader: _Reader) -> Iterator[list[bytes]]:
        yield self._shards(first)
        for stripe in islice(reader.next_part(), PART_STRIPES - 1):
            yield self._shards(stripe)

    def _shards(self, stripe: bytes) -> list[bytes]:
        sealed = self._seal.close(self.number, stripe)
        self.number += 1
        return self._codec.encode(sealed)


@transaction.atomic
def _place(holder: str, codec: Codec, stored: list[_Stored], manifest: Added) -> None:
    """The rows: a coded placement a part, and n − k + 1 whole copies of the manifest."""
    made = [
        Placement(
            root=each.part.set,
            kind=Placement.Kind.CODED,
            holder=holder,
            codec=codec.name,
            columns=list(each.part.columns),
            size=max(column.size for column in each.columns),
            wanted=codec.n,
            needed=codec.k,
        )
        for each in stored
    ]
    made.append(
        Placement(
            root=manifest.cid,
            kind=Placement.Kind.WHOLE,
            holder=holder,
            size=manifest.dag_size,
            wanted=codec.n - codec.k + 1,
        )
    )
    for placement in Placement.objects.bulk_create(made):
        _spool(placement)
        after_commit(tasks.look_at_placement, placement_id=placement.pk)
    network.let_go(holder)


def _spool(placement: Placement) -> None:
    """Each part is let go by itself, as soon as its nodes have it."""
    contents = Content.objects.filter(cid__in=placement.columns or [placement.root])
    Pin.objects.bulk_create(
        Pin(content=content, holder=placing.spool(placement.key)) for content in contents
    )
