"""Playlists say what a player needs: codecs, bandwidths, sizes, ranges, and an end."""

from fractions import Fraction
from itertools import pairwise

from wetube.video.transcoding import playlists
from wetube.video.transcoding.fragments import Fragment, Header

PICTURE = Header(760, "avc1.64001e", 854, 480, 24_000, 0, 0)
SOUND = Header(692, "mp4a.40.2", 0, 0, 48_000, 0, 0)


def fragments(*sizes: int, last: float = 4.0) -> list[Fragment]:
    made, offset = [], 760
    for number, size in enumerate(sizes):
        duration = last if number == len(sizes) - 1 else 4.0
        made.append(Fragment(offset, size, number * 4.0, duration, size // 10, 96))
        offset += size
    return made


def test_a_finished_rendition_is_ranges_of_one_file() -> None:
    assert playlists.media("v480.mp4", PICTURE, fragments(1000, 500, last=1.5)) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:7\n"
        "#EXT-X-TARGETDURATION:4\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n"
        "#EXT-X-PLAYLIST-TYPE:VOD\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MAP:URI="v480.mp4",BYTERANGE="760@0"\n'
        "#EXTINF:4.000000,\n"
        "#EXT-X-BYTERANGE:1000@760\n"
        "v480.mp4\n"
        "#EXTINF:1.500000,\n"
        "#EXT-X-BYTERANGE:500@1760\n"
        "v480.mp4\n"
        "#EXT-X-ENDLIST\n"
    )


def test_key_frames_alone() -> None:
    text = playlists.iframes("v480.mp4", PICTURE, fragments(1000, 500))

    assert "#EXT-X-I-FRAMES-ONLY\n" in text
    assert "#EXT-X-BYTERANGE:100@760\n" in text
    assert "#EXT-X-BYTERANGE:50@1760\n" in text


def test_a_growing_rendition_only_ever_gets_longer() -> None:
    listed = [("v-0.m4s", 4.0), ("v-1.m4s", 4.01), ("v-2.m4s", 0.4)]

    texts = [playlists.event("v-init.mp4", listed[:count], ended=False) for count in range(4)]

    for shorter, longer in pairwise(texts):
        assert longer.startswith(shorter)
    assert playlists.event("v-init.mp4", listed, ended=True) == texts[-1] + "#EXT-X-ENDLIST\n"
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in texts[0]


def test_the_target_holds_the_longest_segment() -> None:
    assert "TARGETDURATION:10\n" in playlists.event("i", [("a", 10.4)], ended=False)
    assert "TARGETDURATION:11\n" in playlists.event("i", [("a", 4)], ended=False, longest=10.5)


def test_a_last_segment_of_one_frame_is_no_peak() -> None:
    peak, average = playlists.bandwidth(fragments(4000, 8000, 900, last=0.04))

    assert average == -(-12_900 * 8 // 8.04)
    assert peak == 16_000
    assert playlists.bandwidth([]) == (0, 0)


def test_the_master_names_everything() -> None:
    upper = playlists.Variant("v480.m3u8", PICTURE, 900, 800, Fraction(24000, 1001), 77)
    lower = playlists.Variant("v240.m3u8", PICTURE, 300, 200, Fraction(30), 33)
    sound = playlists.Variant("a.m3u8", SOUND, 130, 128)

    lines = playlists.master([upper, lower], sound, key_frames=True).splitlines()

    assert lines[4:6] == [
        (
            "#EXT-X-STREAM-INF:BANDWIDTH=430,AVERAGE-BANDWIDTH=328,"
            'CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=854x480,FRAME-RATE=30.000,AUDIO="sound"'
        ),
        "v240.m3u8",
    ]
    assert "FRAME-RATE=23.976" in lines[6]
    assert lines[8:10] == [
        '#EXT-X-STREAM-INF:BANDWIDTH=130,AVERAGE-BANDWIDTH=128,CODECS="mp4a.40.2",AUDIO="sound"',
        "a.m3u8",
    ]
    assert lines[10].endswith('RESOLUTION=854x480,URI="v480-i.m3u8"')


def test_sound_alone_needs_no_group() -> None:
    sound = playlists.Variant("a.m3u8", SOUND, 130, 128)

    text = playlists.master([], sound, key_frames=True)

    assert "AUDIO" not in text
    assert text.endswith('CODECS="mp4a.40.2"\na.m3u8\n')
