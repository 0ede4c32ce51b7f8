"""Names the container of a file by its first bytes, so that ffmpeg is never left to guess.

A polyglot is what its first bytes say: only that demuxer is allowed to open it, and only
what comes out of an encoder leaves, so a second meaning of the same bytes ends here.
"""

from pathlib import Path

from wetube.video.transcoding.errors import BadMedia

HEAD = 4096
TS_PACKET, M2TS_PACKET = 188, 192
MOV_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
PREFIXES = (
    (b"\x1aE\xdf\xa3", "matroska"),
    (b"FLV\x01", "flv"),
    (b"OggS", "ogg"),
    (b"0&\xb2u\x8ef\xcf\x11", "asf"),
    (b"fLaC", "flac"),
    (b"\x00\x00\x01\xba", "mpeg"),
)
RIFF_KINDS = {b"AVI ": "avi", b"WAVE": "wav"}
BY_SYNC = ("mpegts", "aac", "mp3")
ANSWERS = ("mov", *(name for _, name in PREFIXES), *RIFF_KINDS.values(), "aiff", *BY_SYNC)
PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"v=0", b"<MPD", b"data:", b"[playlist]", b"<smil", b"<ASX")
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"<svg")


def sniff(path: Path) -> str:
    """The short name of ffmpeg's demuxer for this file.

    Raises BadMedia, with a sentence that says what the file is instead.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        if not head:
            raise BadMedia("The file is empty.")
        demuxer = _by_prefix(head) or _by_sync(head)
        if demuxer is None and head.startswith(b"ID3") and len(head) >= 10:
            file.seek(10 + _syncsafe(head[6:10]))
            demuxer = _by_prefix(after := file.read(HEAD)) or _by_sync(after) or "mp3"
    if demuxer is None:
        raise BadMedia(_sentence(head))
    return demuxer


def _by_prefix(head: bytes) -> str | None:
    if head[4:8] in MOV_BOXES:
        return "mov"
    if head[:4] in {b"RIFF", b"RF64"}:
        return RIFF_KINDS.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return "aiff"
    return next((name for prefix, name in PREFIXES if head.startswith(prefix)), None)


def _by_sync(head: bytes) -> str | None:
    """Streams without a header repeat a sync word instead."""
    if len(head) > 2 * TS_PACKET and head[0] == head[TS_PACKET] == head[2 * TS_PACKET] == 0x47:
        return "mpegts"
    stamped = head[4:]
    if len(stamped) > M2TS_PACKET and stamped[0] == stamped[M2TS_PACKET] == 0x47:
        return "mpegts"
    if len(head) > 2 and head[0] == 0xFF:
        if head[1] & 0xF6 == 0xF0:
            return "aac"
        if head[1] & 0xE6 == 0xE2:
            return "mp3"
    return None


def _syncsafe(four: bytes) -> int:
    """ID3's size: four bytes of seven bits."""
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))


def _sentence(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if any(mark in start[:512] for mark in PLAYLISTS):
        return "This is a playlist that points to other files. Upload the video itself."
    if any(start.startswith(mark) or mark == start[: len(mark)] for mark in PICTURES):
        return "This is a picture, not a video."
    if _is_text(head):
        return "This is a text file, not a video, whatever its name says."
    return "This is no video or sound file that we know."


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 32 for byte in head)
