"""Public films on nodes of the network: which ones, and no longer than they are public.

The rows decide, again and again: a film that was published, taken down, closed or changed while
nobody looked is found at the next round. Films that not everybody may find stay with the gateway.
"""

import logging

from wetube.content.network import Unreachable
from wetube.nodes import placing
from wetube.nodes.models import Placement
from wetube.video.models import Video

MOST = 100  # films in one round
HOLDER = "films"
logger = logging.getLogger(__name__)


def spread() -> None:
    """Have nodes keep what is public now, and nothing that is not any more."""
    _end_others()
    if placing.is_on():
        for video in _not_placed():
            _place(video)


def _not_placed() -> list[Video]:
    standing = Placement.objects.standing().filter(holder=HOLDER)
    placed = standing.values("root")
    wrong = standing.filter(is_open=False).values("root")
    films = Video.objects.listed().exclude(cid="")
    missing = films.exclude(cid__in=placed)
    now_free = films.filter(price=0, cid__in=wrong)
    return list((missing | now_free).order_by("pk")[:MOST])


def _place(video: Video) -> None:
    """As open as the most open film of these bytes."""
    is_open = Video.objects.listed().filter(cid=video.cid, price=0).exists()
    try:
        size = placing.weight(video.cid)
    except Unreachable as error:
        logger.warning("Film %s cannot be given to nodes now: %s", video.key, error)
        return
    placing.place(video.cid, size=size, holder=HOLDER, is_open=is_open)


def _end_others() -> None:
    """Films that went, changed or were closed; a new price closes what was open."""
    listed = Video.objects.listed()
    standing = Placement.objects.standing().filter(holder=HOLDER)
    placing.end(standing.exclude(root__in=listed.values("cid"))[:MOST])
    free = listed.filter(price=0).values("cid")
    standing.filter(is_open=True).exclude(root__in=free).update(is_open=False)
