"""What is no video is refused with a sentence, soon, and reaches for nothing else."""

import contextlib
import struct
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.video.transcoding.conftest import Clips
from wetube.video.transcoding import BadMedia, Cancelled, package, probe

SECRET = "the secret of another user"


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def refused(path: Path, work: Path) -> str:
    """The sentence, after having seen that the folder of work stays empty."""
    begun = time.monotonic()
    with pytest.raises(BadMedia) as refusal:
        probe.probe(path, work=work)
    assert time.monotonic() - begun < 30
    assert list(work.iterdir()) == []
    sentence = str(refusal.value)
    assert sentence.endswith(".")
    assert "ffmpeg" not in sentence
    assert str(path) not in sentence
    return sentence


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"Dear diary,\nnothing happened today.\n" * 20, "text file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "picture"),
        (b"\xff\xd8\xff\xe0" + bytes(64), "picture"),
        (b"PK\x03\x04" + bytes(range(256)), "no video or sound"),
        (b"\x7fELF" + bytes(200), "no video or sound"),
        (b"#EXTM3U\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n", "playlist"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n", "playlist"),
        (b"#EXTM3U\n#EXTINF:1,\ndata:text/plain;base64,AAAA\n#EXT-X-ENDLIST\n", "playlist"),
        (b"ffconcat version 1.0\nfile {secret}\n", "playlist"),
        (b"\n\n  ffconcat version 1.0\nfile {secret}\n", "playlist"),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 9 RTP/AVP 96\r\n", "playlist"),
        (b'<?xml version="1.0"?>\n<MPD><Period/></MPD>', "playlist"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="{secret}"/></svg>', "picture"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg/>", "text file"),
    ],
)
def test_what_is_no_video(content: bytes, says: str, tmp_path: Path, work: Path) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_text(SECRET)
    upload = tmp_path / "film.mp4"
    upload.write_bytes(content.replace(b"{secret}", bytes(secret)))

    assert says in refused(upload, work)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (box(b"ftyp", b"isom" + bytes(4)), "index"),
        (box(b"ftyp", b"isom" + bytes(4)) + box(b"mdat", bytes(5000)), "index"),
        (box(b"ftyp", b"isom") + b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "damaged"),
        (b"\x1aE\xdf\xa3" + bytes(4000), "damaged"),
        (b"RIFF\x00\x01\x00\x00AVI " + bytes(500), "damaged"),
        (b"OggS" + bytes(500), "damaged"),
        (b"FLV\x01" + bytes(500), "damaged"),
    ],
)
def test_what_only_begins_like_one(content: bytes, says: str, tmp_path: Path, work: Path) -> None:
    upload = tmp_path / "film.mp4"
    upload.write_bytes(content)

    sentence = refused(upload, work)

    assert says in sentence or "neither picture nor sound" in sentence


def test_a_polyglot_is_what_its_first_bytes_say(film: Path, tmp_path: Path, work: Path) -> None:
    """A film that is also a web page or a playlist is a film: the rest never leaves."""
    both = tmp_path / "both.mp4"
    page = b"<html><script>alert(1)</script></html>\n#EXTM3U\n/etc/passwd\n"
    both.write_bytes(film.read_bytes() + box(b"free", page))

    assert probe.probe(both, work=work).demuxer == "mov"


def test_a_bomb_of_pixels(clips: Clips, work: Path) -> None:
    bomb = clips.make(
        "bomb.mp4",
        *("-f", "lavfi", "-i", "color=black:size=16000x16000", "-frames:v", "1"),
        *("-c:v", "mjpeg", "-q:v", "31"),
    )

    assert "larger than the 8192×4320" in refused(bomb, work)


def test_ten_hours_of_one_pixel(clips: Clips, work: Path) -> None:
    long = clips.make(
        "long.mkv",
        *("-f", "lavfi", "-i", "color=black:size=2x2:rate=1/3600", "-frames:v", "11"),
        *("-c:v", "ffv1"),
    )

    assert "too small" in refused(long, work)


def test_hours_that_hold_next_to_nothing(clips: Clips, work: Path) -> None:
    hollow = clips.make(
        "hollow.mkv",
        *("-f", "lavfi", "-i", "color=black:size=64x64:rate=1/3600", "-frames:v", "11"),
        *("-c:v", "libx264"),
    )

    assert "timestamps are broken" in refused(hollow, work)


def test_a_film_longer_than_a_day(clips: Clips, film: Path, work: Path) -> None:
    jump = clips.make("jump.mkv", "-i", str(film), "-c", "copy", "-output_ts_offset", "0")
    late = clips.make(
        "late.mkv",
        *("-i", str(film), "-itsoffset", "200000", "-i", str(jump)),
        *("-map", "0:v", "-map", "1:a", "-c", "copy"),
    )

    assert "hours" in refused(late, work)


def test_too_many_streams(clips: Clips, film: Path, work: Path) -> None:
    many = clips.make("many.mkv", "-i", str(film), *(["-map", "0:a"] * 70), "-c", "copy")

    assert "70 streams" in refused(many, work)


def test_a_film_of_subtitles_only(clips: Clips, work: Path) -> None:
    words = clips.folder / "words.srt"
    words.write_text("1\n00:00:00,000 --> 00:00:02,000\nHello\n")
    film = clips.make("words.mkv", "-i", str(words))

    assert "neither picture nor sound" in refused(film, work)


@pytest.mark.parametrize(
    "name", ["te[s]t_ video %'\"\n.mp4", "-i.mp4", "file:x|y.mp4", "..mp4", "%04d.mp4"]
)
def test_hostile_names_do_not_matter(name: str, film: Path, tmp_path: Path, work: Path) -> None:
    upload = tmp_path / name
    upload.write_bytes(film.read_bytes())

    found = probe.probe(upload, work=work)

    assert found.picture is not None
    assert (found.picture.width, found.picture.height) == (320, 240)


def test_a_probe_can_be_cancelled(film: Path, work: Path) -> None:
    with pytest.raises(Cancelled):
        probe.probe(film, work=work, cancelled=lambda: True)


@pytest.fixture(params=range(8))
def garbled(request: pytest.FixtureRequest, film: Path, tmp_path: Path) -> Path:
    """The film with a run of its bytes turned over, at eight places."""
    data = bytearray(film.read_bytes())
    place = len(data) * request.param // 8
    data[place : place + 2000] = bytes(byte ^ 0x5A for byte in data[place : place + 2000])
    path = tmp_path / "garbled.mp4"
    path.write_bytes(data)
    return path


@pytest.mark.media
def test_garbled_bytes_end_in_a_film_or_a_sentence(
    garbled: Path, publish: Callable[[Path], package.Packaged]
) -> None:
    """Any other exception than BadMedia fails this test."""
    with contextlib.suppress(BadMedia):
        assert publish(garbled).duration > 0
