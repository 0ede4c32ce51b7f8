"""All content from one engine into another, by CAR. The source keeps all it has.

What is moved and what is due is in the rows, so a move that was killed goes on
where it stood. CIDs stay what they are, and so does every address.
"""

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from node_bridge import NodeEngine, NodeError
from node_bridge.streams import BytesOf
from wetube.content import engines
from wetube.content.models import Content, Move, Name
from wetube.content.network import PIN_NAME
from wetube.core.states import TransitionRefused

Say = Callable[[Move, int], object]  # which one, and how many bytes of it are through


class Damaged(Exception):
    """What arrived is not what was sent; the move stays due."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a move to an engine is. `bytes` counts what has arrived."""

    moved: int
    due: int
    bytes: int


def plan(target: engines.Kind) -> None:
    """A row for each pin that the target lacks, one that it has lost since included.

    Raises NodeError when one of the engines does not answer.
    """
    source, there = engines.engine(engines.other(target)), _pinned(engines.engine(target))
    wanted = {(cid, PIN_NAME) for cid in _kept()}
    wanted |= {pin for pin in _pinned(source) if pin[1] != PIN_NAME}
    known = {(move.cid, move.name): move for move in Move.objects.filter(target=target)}
    Move.objects.filter(target=target, state="due").exclude(
        pk__in=[move.pk for pin, move in known.items() if pin in wanted]
    ).delete()
    for pin in wanted - known.keys():
        Move.objects.get_or_create(
            target=target, cid=pin[0], name=pin[1], defaults={"state": "due"}
        )
    for pin, move in known.items():
        if pin in wanted - there and move.state == "moved":
            _set_due(move)


def due(target: engines.Kind) -> list[Move]:
    return list(Move.objects.filter(target=target, state="due").order_by("pk"))


def carry(move: Move, say: Say) -> None:
    """Bring one over and look at every byte of it there; doing it twice does no harm.

    Raises NodeError, or Damaged; then the row says why, and stays due.
    """
    target: engines.Kind = "kubo" if move.target == "kubo" else "embedded"
    source = engines.engine(engines.other(target))
    try:
        size = _bring(move, source, engines.engine(target), say)
    except (NodeError, Damaged) as error:
        Move.objects.filter(pk=move.pk).update(why=str(error)[:300])
        raise
    try:
        move.move_to("moved", bytes=size, why="")
    except TransitionRefused:  # another hand has carried it meanwhile
        return


def progress(target: engines.Kind) -> Progress:
    counts = Move.objects.filter(target=target).aggregate(
        moved=Count("pk", filter=Q(state="moved")),
        due=Count("pk", filter=Q(state="due")),
        bytes=Sum("bytes", default=0),
    )
    return Progress(**counts)


def _bring(move: Move, source: NodeEngine, target: NodeEngine, say: Say) -> int:
    """Bytes of the archive; 0 when all of it was there already."""
    size = 0

    def through(pieces: Iterable[bytes]) -> Iterator[bytes]:
        nonlocal size
        for piece in pieces:
            size += len(piece)
            say(move, size)
            yield piece

    if not target.has(move.cid, recursive=True):
        archive = BytesOf(through(source.export_car(move.cid)))
        target.import_car(io.BufferedReader(archive))
    for block in target.verify(move.cid):
        raise Damaged(f"Block {block} of {move.cid} did not arrive whole in {move.target}.")
    target.pin(move.cid, name=move.name)
    return size


def _kept() -> set[str]:
    """What the site's rows need, by CID."""
    contents = Content.objects.values_list("cid", flat=True)
    return {*contents, *Name.objects.values_list("cid", flat=True)}


def _pinned(engine: NodeEngine) -> set[tuple[str, str]]:
    return {(pin.cid, pin.name) for pin in engine.pins()}


def _set_due(move: Move) -> None:
    try:
        move.move_to("due", bytes=0)
    except TransitionRefused:
        return
