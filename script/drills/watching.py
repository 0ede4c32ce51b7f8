"""Watching a film as a player does: every byte its playlists name, through the gateway."""

import json
import re
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from script.drills.rig import Rig
from script.shell import CommandFailed, must

LENGTH_MAY_DIFFER = 0.25  # seconds


def is_whole(rig: Rig, key: str, *, like: Path) -> bool:
    """Every segment of every playlist is there, and the film is as long as its source."""
    cid = rig.rows("SELECT cid FROM video_video WHERE key = ?", key)[0][0]
    root = f"/ipfs/{cid}/"
    master = _text(rig, root + "master.m3u8")
    playlists = [urljoin(root + "master.m3u8", name) for name in _named(master)]
    lengths = [_length(rig, playlist) for playlist in playlists]
    wanted = _seconds(like)
    return bool(lengths) and all(abs(length - wanted) < LENGTH_MAY_DIFFER for length in lengths)


def _named(playlist: str) -> list[str]:
    """What a playlist points at: plain lines and URI attributes."""
    lines = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return [*lines, *re.findall(r'URI="([^"]+)"', playlist)]


def _length(rig: Rig, path: str) -> float:
    """Fetch every byte range a media playlist names; returns its seconds, 0 if one is missing."""
    playlist = _text(rig, path)
    for start, length, name in re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)\n([^#\n]+)", playlist):
        ranged = f"bytes={length}-{int(length) + int(start) - 1}"
        status, body, _headers = rig.client.request(
            rig.client.gateway, "GET", urljoin(path, name), None, {"Range": ranged}
        )
        if status != 206 or len(body) != int(start):
            return 0.0
    with tempfile.TemporaryDirectory() as folder:
        return _decoded(rig, path, playlist, Path(folder))


def _decoded(rig: Rig, path: str, playlist: str, folder: Path) -> float:
    """The seconds that ffprobe finds in the file the playlist is about."""
    for name in set(_named(playlist)):
        status, body, _headers = rig.client.request(rig.client.gateway, "GET", urljoin(path, name))
        if status != 200:
            return 0.0
        (folder / "film.mp4").write_bytes(body)
    try:
        return _seconds(folder / "film.mp4")
    except (CommandFailed, KeyError):
        return 0.0


def _text(rig: Rig, path: str) -> str:
    status, body, _headers = rig.client.request(rig.client.gateway, "GET", urlsplit(path).path)
    return body.decode() if status == 200 else ""


def _seconds(file: Path) -> float:
    ffprobe = shutil.which("ffprobe") or "ffprobe"
    told = must([ffprobe, "-v", "error", "-show_format", "-of", "json", file])
    return float(json.loads(told)["format"]["duration"])
