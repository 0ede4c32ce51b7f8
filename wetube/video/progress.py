"""How far a film is: for its owner's page, the API and the open pages in its room."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wetube.core import live
from wetube.video.models import Piece, Video

ORDER: list[str] = [
    Video.State.UPLOADED,
    Video.State.PLANNED,
    Video.State.ENCODED,
    Video.State.PACKAGED,
    Video.State.STORED,
    Video.State.PUBLISHED,
]


@dataclass(frozen=True)
class Line:
    """One bar. `speed` is in seconds of film a second; `left_seconds` is None when unknown.

    The label is put into words where it is shown: one push is read in many languages.
    """

    label: str | Promise
    fraction: float
    speed: float
    left_seconds: float | None
    state: str


def lines(video: Video) -> list[Line]:
    """One line a rung while the film is encoded, and one a step around it."""
    at = ORDER.index(video.state) if video.state in ORDER else -1
    done, speed, left = _encoded(video)
    made = [_step(_("Look at the source"), at, 0)]
    for rung in _rungs(video):
        state = _state(at, 1)
        made.append(Line(rung, done if state == "active" else float(at > 1), speed, left, state))
    made.append(_step(_("Package"), at, 2))
    made.append(_step(_("Store in the network"), at, 3))
    made.append(_step(_("Publish"), at, 4))
    return made


def tell(video: Video) -> None:
    """Let the open pages of the owner know."""
    fresh = Video.objects.select_related("channel").filter(pk=video.pk).first()
    if fresh is not None:
        live.push(f"video.{fresh.key}", "video/live.html", context(fresh))


def context(video: Video) -> dict[str, Any]:
    return {"video": video, "progress": lines(video), "overall": overall(video)}


def overall(video: Video) -> float:
    """The whole way as one fraction; encoding is nearly all of it."""
    if video.state not in ORDER:
        return 0.0
    steps = {1: 0.02 + 0.88 * _encoded(video)[0], 2: 0.9, 3: 0.93, 4: 0.98, 5: 1.0}
    return steps.get(ORDER.index(video.state), 0.0)


def _encoded(video: Video) -> tuple[float, float, float | None]:
    """Fraction, speed and seconds left over all pieces."""
    pieces: list[Piece] = list(video.pieces.all())
    whole = sum(piece.seconds for piece in pieces)
    if not whole:
        return 0.0, 0.0, None
    done = sum(piece.seconds * piece.fraction for piece in pieces) / whole
    speed = sum(piece.speed for piece in pieces if 0 < piece.fraction < 1)
    return done, speed, (whole * (1 - done) / speed if speed else None)


def _rungs(video: Video) -> list[str | Promise]:
    if not video.plan:
        return [_("Encode")]
    rungs = [rung for rung in video.plan["rungs"] if not rung["copied"]]
    names: list[str | Promise] = [f"{rung['name']}p" for rung in rungs]
    return [*names, _("Sound")] if video.plan["source"]["sound"] else names


def _step(label: str | Promise, at: int, place: int) -> Line:
    state = _state(at, place)
    return Line(label, 1.0 if state == "done" else 0.0, 0.0, None, state)


def _state(at: int, place: int) -> str:
    if at == place:
        return "active"
    return "done" if at > place else "waiting"
