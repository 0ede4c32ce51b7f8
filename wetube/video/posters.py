"""Pictures out of a stored film: only the one fragment that holds the moment is fetched."""

import re
import tempfile
from pathlib import Path

from wetube.content import network
from wetube.video.models import Video
from wetube.video.transcoding import stills
from wetube.video.transcoding.fragments import Track

TALLEST = 1080
MAP = re.compile(r'#EXT-X-MAP:URI="([^"]+)",BYTERANGE="(\d+)@(\d+)"')
SEGMENT = re.compile(r"#EXTINF:([\d.]+),\n#EXT-X-BYTERANGE:(\d+)@(\d+)\n")


class NoPicture(Exception):
    """The film has no picture to take."""


def frame(video: Video, seconds: float) -> bytes:
    """A JPEG of what is shown at this time. Raises NoPicture, and network.Unreachable."""
    rung = _rung(video)
    playlist = network.read(f"{video.cid}/v{rung}.m3u8").decode()
    header = MAP.search(playlist)
    if header is None:
        raise NoPicture("This film's playlist names no header.")
    name, length, place = header[1], int(header[2]), int(header[3])
    start, size = _fragment_at(playlist, seconds)
    film = f"{video.cid}/{name}"
    with tempfile.TemporaryDirectory(prefix="wetube-poster-") as folder:
        cut = Path(folder) / "cut.mp4"
        cut.write_bytes(network.read(film, place, length) + network.read(film, start, size))
        track = Track(cut)
        track.poll()
        return stills.poster_at(track, seconds)


def _rung(video: Video) -> str:
    """The tallest rendition not above TALLEST, or the smallest there is."""
    rows = [row for row in video.renditions.all() if row.width and row.height]
    if not rows:
        raise NoPicture("This film is sound alone.")
    rows.sort(key=lambda row: min(row.width or 0, row.height or 0))
    fitting = [row for row in rows if min(row.width or 0, row.height or 0) <= TALLEST]
    return (fitting or rows[:1])[-1].name


def _fragment_at(playlist: str, seconds: float) -> tuple[int, int]:
    """Offset and length of the segment shown at this time, or of the last one."""
    clock, found = 0.0, (0, 0)
    for duration, length, place in SEGMENT.findall(playlist):
        found = int(place), int(length)
        clock += float(duration)
        if clock > seconds:
            break
    return found
