"""The film before it is done: its lowest rung as a growing folder behind a moving name.

Each finished segment is stored once, as a file of its own, and the film's preview name
points to the newest folder of them. Workers on different pieces grow it in turn: what is
stored already stands in one file beside the pieces.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from wetube.content import network
from wetube.video.models import Video
from wetube.video.transcoding import preview as growing
from wetube.video.transcoding.encode import done
from wetube.video.transcoding.plan import Plan

STORED = "preview.json"
MOST = (
    4000  # segments of picture and sound, more than two hours: what one folder holds in one block
)
SELDOM = 32  # the folder is written anew each time it grew by a 32nd, so the work stays linear


class Preview:
    """One worker's hand on a film's preview; keeps what it indexed between calls."""

    def __init__(self, video: Video, plan: Plan, work: Path) -> None:
        self._video, self._plan, self._work = video, plan, work
        self._growing = growing.Preview(plan, work, rungs=plan.rungs[-1:])

    def grow(self) -> None:
        """Store what is new and publish it; nothing when another worker is at it."""
        with _alone(self._work) as mine:
            if not mine:
                return
            stored = self._stored()
            before = len(stored)
            for segment in self._growing.poll():
                if segment.name not in stored and len(stored) < MOST:
                    stored[segment.name] = network.store_bytes([segment.read()])
            self._save(stored)
            ended = all(done(self._work, piece) for piece in self._plan.pieces)
            if ended or len(stored) > before + before // SELDOM:
                self._publish(stored, ended=ended)

    def _publish(self, stored: Mapping[str, str], *, ended: bool) -> None:
        if len(stored) >= MOST:
            return
        written = self._growing.playlists(ended=ended)
        if not written:
            return
        texts = {name: network.store_bytes([text.encode()]) for name, text in written.items()}
        cid = network.store_directory({**stored, **texts})
        network.point(self._video.preview_name, cid, is_open=self._video.is_open)
        Video.objects.filter(pk=self._video.pk, state=Video.State.PLANNED).update(has_preview=True)

    def _stored(self) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads((self._work / STORED).read_text())
        except FileNotFoundError:
            return {}
        return found

    def _save(self, stored: Mapping[str, str]) -> None:
        draft = self._work / f"{STORED}.new"
        draft.write_text(json.dumps(stored))
        draft.replace(self._work / STORED)


@contextmanager
def _alone(work: Path) -> Iterator[bool]:
    """Whether this worker has the preview to itself for now; the lock dies with its process."""
    with (work / "preview.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
