"""Private bytes in the network: sealed and coded on the way in, gathered and opened on the way out.

A stored file is known by its **reference**, the CID of its sealed manifest, and its key. Without
the key nobody reads it, this gateway's nodes and database included; keep the key wrapped.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from secrets import token_bytes

from django.db import transaction
from django.utils.translation import gettext as _

from node_bridge import NodeError, OverQuota
from node_bridge.engine import Added
from node_bridge.network import coding, columns, manifests
from node_bridge.network.coding import Codec
from node_bridge.network.columns import Column
from node_bridge.network.manifests import Manifest, Part
from node_bridge.network.striping import Striping
from wetube.content import network
from wetube.content.models import Content, Pin
from wetube.content.network import Full, Unreachable
from wetube.core.keys import new_key
from wetube.core.later import after_commit
from wetube.nodes import choosing, placing, tasks
from wetube.nodes.models import Placement

__all__ = ["Full", "Sealed", "TooFewOperators", "Unreachable", "forget_private", "store_private"]


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
    striping = Striping(stream, codec, key)
    try:
        stored = list(_store(striping, codec, holder))
        manifest = Manifest(codec, striping.size, tuple(each.part for each in stored))
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
    return Sealed(added.cid, key, striping.size)


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


def _store(striping: Striping, codec: Codec, holder: str) -> Iterator[_Stored]:
    """Parts as they become whole in our own node, each kept there for `holder`."""
    for stripes in striping.parts():
        stored = columns.store(network.engine(), stripes, codec.n)
        for column in stored:
            network.keep(column.cid, size=column.size, holder=holder)
        cids, shards = tuple(each.cid for each in stored), tuple(each.shards for each in stored)
        yield _Stored(Part(f"set:{new_key()}", cids, shards), stored)


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
