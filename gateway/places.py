"""The place that a request names, and the headers that every answer about it carries."""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from gateway.door import Admitted
from node_bridge import Cid, Stat
from node_bridge.cid import parse

SHOWABLE = re.compile(r"[\x20-\x7e]*")  # what a header may carry as it is


@dataclass(frozen=True, slots=True)
class Place:
    """What a URL names, and who was let in to it.

    root: canonical; kept: the same in the version it came in, CIDv0 or CIDv1
    below: what follows the root, with its slash: "", "/", "/a/b" or "/a/"
    asked: the root as it was written in the request
    base: the address below which the root stands, such as `/ipfs/` or `/g/<grant>/ipfs/`
    cache: how long an answer may be kept; listed: whether folders show their names
    """

    root: Cid
    kept: str
    below: str
    asked: str
    base: str
    admitted: Admitted
    cache: str
    listed: bool = True

    @property
    def path(self) -> str:
        """For the node: the root and the names below it."""
        return f"{self.kept}{self.below}"

    @property
    def name(self) -> str:
        """The last name on the path, or the root."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def address(self) -> str:
        """The path of its URL, percent-encoded."""
        return f"{self.base}{self.asked}{quote(self.below)}"

    def headers(self, stat: Stat, *, etag: str = "") -> dict[str, str]:
        """What every form of it says: what it is, where it was found, how long it keeps."""
        said = {
            "Cache-Control": self.cache,
            "Ipfs-Uri": f"ipfs://{self.root}{quote(self.below)}",
            "Vary": "Accept",
            "X-Ipfs-Roots": ",".join(stat.roots) or self.kept,
        }
        if etag:
            said["ETag"] = etag
        path = f"/ipfs/{self.asked}{self.below}"
        if SHOWABLE.fullmatch(path):  # else it would not be the path any more
            said["X-Ipfs-Path"] = path
        return said


@lru_cache(maxsize=4096)  # every segment of a film names the same one
def named(text: str) -> tuple[Cid, str]:
    """The root of a text: canonical, and in the version it came in; raises BadCid."""
    key = parse(text)
    return str(key), key.written


def written(stat: Stat) -> str:
    """The CID at the end of a path as its link has it: for ETags and file names."""
    return stat.roots[-1] if stat.roots else stat.cid
