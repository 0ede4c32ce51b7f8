"""The work of each step of a film's way; every one may run twice and ends the same."""

import errno
from collections.abc import Collection, Mapping

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wetube.content import network
from wetube.core.claims import Hold
from wetube.nodes import refusing
from wetube.video import publishing, workshop
from wetube.video.models import Piece, Rendition, Video
from wetube.video.transcoding import package as packaging
from wetube.video.transcoding import plan as planning
from wetube.video.transcoding import probe as probing
from wetube.video.transcoding.errors import BadMedia
from wetube.video.transcoding.plan import Plan

Changes = Mapping[str, object]


class NotYet(Exception):
    """The step waits for other workers; nothing went wrong."""


def plan(video: Video, hold: Hold) -> Changes:
    """Look at the source and decide what is made of it; one row a piece of work."""
    source = workshop.source(video.key)
    if not source.exists():
        raise BadMedia("The uploaded file is gone. Upload it again.")
    _check_wanted([network.name_of(source)] if refusing.is_anything_declined() else [])
    probe = probing.probe(source, work=workshop.bench(video.key), cancelled=hold.is_lost)
    # Where no worker of ours encodes, nobody copies: the first piece may go to a node.
    may_copy = settings.MEDIA_WORKERS > 0
    made = planning.plan(probe, piece_seconds=settings.PIECE_SECONDS, may_copy=may_copy)
    _cut(video, made)
    picture = probe.picture
    return {
        "plan": made.to_json(),
        "duration": probe.duration,
        "width": picture.width if picture else None,
        "height": picture.height if picture else None,
        "source_size": probe.size,
        "warning": " ".join(made.warnings)[:300],
    }


def plan_without_copy(video: Video) -> None:
    """The source looked fit to be published as it is, and was not: encode every rung."""
    made = planning.plan(
        plan_of(video).source, piece_seconds=settings.PIECE_SECONDS, may_copy=False
    )
    with transaction.atomic():
        planned = Video.objects.filter(pk=video.pk, state=Video.State.PLANNED)
        if planned.update(plan=made.to_json()):
            video.pieces.all().delete()
            _cut(video, made)


def _cut(video: Video, made: Plan) -> None:
    with transaction.atomic():
        for piece in made.pieces:
            Piece.objects.get_or_create(
                video=video,
                number=piece.index,
                defaults={"seconds": made.length(piece), "turn": _turn(piece)},
            )


def _turn(piece: planning.Piece) -> int:
    """A preview needs the beginning first and the sound next."""
    return min(piece.index, 1) if piece.kind == "sound" else 2 * piece.index


def gather(video: Video, hold: Hold) -> Changes:
    """All pieces are there, or NotYet."""
    if video.pieces.exclude(state=Piece.State.ENCODED).exists():
        raise NotYet
    return {}


def package(video: Video, hold: Hold) -> Changes:
    """Join the pieces and write everything a player asks for."""
    made = packaging.package(workshop.bench(video.key), plan_of(video))
    with transaction.atomic():
        for rendition in made.renditions:
            Rendition.objects.update_or_create(
                video=video,
                name=rendition.name,
                defaults={
                    "codecs": rendition.codec,
                    "width": rendition.width,
                    "height": rendition.height,
                    "bandwidth": rendition.bandwidth,
                    "size": rendition.size,
                },
            )
    warnings = [video.warning, *made.warnings]
    return {
        "duration": made.duration,
        "files": {name: {"cid": "", "size": size} for name, size in made.files.items()},
        "warning": " ".join(dict.fromkeys(filter(None, warnings)))[:300],
    }


def store(video: Video, hold: Hold) -> Changes:
    """Put every file into the network, and the folder that holds them."""
    sizes = {name: int(file["size"]) for name, file in video.files.items()}
    files = publishing.store(workshop.bench(video.key) / packaging.FOLDER, sizes)
    cid, size = publishing.assemble(video, files)
    _check_wanted([cid, *(str(file["cid"]) for file in files.values())])
    poster = publishing.poster_folder(files)
    return {"files": files, "cid": cid, "size": size, "poster_cid": poster}


def publish(video: Video, hold: Hold) -> Changes:
    """Keep the film for good; the source and the work are not needed any more.

    The preview's name stays a while for those who watch it now.
    """
    video.cid, video.size = publishing.assemble(video, video.files)  # captions may have come since
    publishing.hold(video)
    workshop.clear(video.key)
    network.let_go(video.source_holder)
    return {
        "cid": video.cid,
        "size": video.size,
        "published_at": video.published_at or timezone.now(),
        "has_preview": False,
        "failure": "",
    }


def _check_wanted(cids: Collection[str]) -> None:
    """Whether this gateway declines one of them; raises BadMedia with the reason."""
    for refusal in refusing.declined(cids).values():
        raise BadMedia(f"This gateway does not show this video: {refusal.reason}")


def plan_of(video: Video) -> Plan:
    """The plan in the row; a film without one has not been looked at."""
    if video.plan is None:
        raise BadMedia("This video was never looked at. Upload it again.")
    return Plan.from_json(video.plan)


def is_disk_full(error: BaseException | None) -> bool:
    """Whether this failure, or what caused it, is a disk without room."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return True
        error = error.__cause__ or error.__context__
    return False
