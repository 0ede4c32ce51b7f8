"""What the operator neither keeps nor serves: CIDs in refuse.txt, one a line."""

import logging
from pathlib import Path
from threading import Lock

from node_bridge import BadCid, cid

FILE = "refuse.txt"

logger = logging.getLogger(__name__)


class RefuseList:
    """A line begins with a CID, of a content or of a single block; what follows is a remark.

    As denylists of other programs have it, `/ipfs/<cid>/*` is the same.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._read_at: int | None = None  # the file's time of change
        self._digests: frozenset[bytes] = frozenset()
        self._lock = Lock()

    def has(self, name: str) -> bool:
        """Whether this CID is on the list, in any writing; raises BadCid."""
        return cid.parse(name).digest in self.digests()

    def digests(self) -> frozenset[bytes]:
        try:
            changed = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return frozenset()
        with self._lock:
            if changed != self._read_at:
                self._digests = frozenset(_digests(self._path.read_text(errors="replace")))
                self._read_at = changed
            return self._digests


def _digests(text: str) -> list[bytes]:
    digests = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            name = words[0].removeprefix("/ipfs/").removesuffix("/*")
            digests.append(cid.parse(name).digest)
        except BadCid:
            logger.warning("Line %d of %s holds no CID", number, FILE)
    return digests
