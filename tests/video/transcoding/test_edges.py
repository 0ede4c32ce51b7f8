"""Whatever people upload becomes a video that plays everywhere, upright and in proportion."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.video.transcoding.conftest import Ask, Clips, Publish
from wetube.video.transcoding import binaries, package

pytestmark = [pytest.mark.media, pytest.mark.timeout(300)]

X264 = ("-c:v", "libx264", "-preset", "ultrafast")


def sizes(packaged: package.Packaged) -> list[tuple[int, int]]:
    return [(each.width, each.height) for each in packaged.renditions if each.width]


def picture_of(ask: Ask, packaged: package.Packaged) -> dict[str, Any]:
    streams = ask(packaged.folder / "progressive.mp4")["streams"]
    return next(stream for stream in streams if stream["codec_type"] == "video")


def check_plays_everywhere(ask: Ask, packaged: package.Packaged) -> None:
    """H.264 4:2:0 8-bit, square pixels, stereo AAC, and every playlist's file is there."""
    for stream in ask(packaged.folder / "progressive.mp4")["streams"]:
        if stream["codec_type"] == "video":
            assert (stream["codec_name"], stream["pix_fmt"]) == ("h264", "yuv420p")
            assert stream.get("sample_aspect_ratio", "1:1") == "1:1"
        else:
            assert (stream["codec_name"], stream["channels"]) == ("aac", 2)
            assert stream["sample_rate"] == "48000"
    for rendition in packaged.renditions:
        assert rendition.file in packaged.files
        assert rendition.file.replace(".mp4", ".m3u8") in packaged.files


def test_a_plain_film_is_published_whole(film: Path, publish: Publish, ask: Ask) -> None:
    packaged = publish(film)

    check_plays_everywhere(ask, packaged)
    assert sizes(packaged) == [(320, 240)]
    assert packaged.duration == pytest.approx(3, abs=0.05)
    assert packaged.warnings == ()
    assert sorted(packaged.files) == [
        "a.m3u8", "a.mp4", "master.m3u8", "poster.jpg", "progressive.mp4", "storyboard.jpg",
        "storyboard.vtt", "v240-i.m3u8", "v240.m3u8", "v240.mp4",
    ]  # fmt: skip
    assert packaged.files == {path.name: path.stat().st_size for path in packaged.folder.iterdir()}


def test_a_turned_phone_video_stands_upright(clips: Clips, publish: Publish, ask: Ask) -> None:
    flat = clips.film("flat.mp4", size="640x360")
    turned = clips.make("turned.mp4", "-i", str(flat), "-c", "copy", "-metadata:s:v:0", "rotate=90")

    packaged = publish(turned)

    assert sizes(packaged)[0] == (360, 640)
    assert "side_data_list" not in picture_of(ask, packaged)
    check_plays_everywhere(ask, packaged)


def test_odd_sizes_and_full_chroma_become_even_420(
    clips: Clips, publish: Publish, ask: Ask
) -> None:
    odd = clips.film("odd.mp4", size="401x303", options=["-pix_fmt", "yuv444p"])

    packaged = publish(odd)

    assert all(width % 2 == height % 2 == 0 for width, height in sizes(packaged))
    assert sizes(packaged)[0] == (400, 302)
    check_plays_everywhere(ask, packaged)


def test_a_wandering_frame_rate_becomes_constant(clips: Clips, publish: Publish, ask: Ask) -> None:
    wandering = clips.film(
        "vfr.mkv",
        options=["-vf", "select='not(between(n,10,19))*not(eq(mod(n,7),3))'", "-fps_mode", "vfr"],
    )

    packaged = publish(wandering)

    rate = Fraction(picture_of(ask, packaged)["avg_frame_rate"])
    assert rate == Fraction(picture_of(ask, packaged)["r_frame_rate"])
    assert packaged.duration == pytest.approx(3, abs=0.1)


@pytest.mark.skipif(not binaries.find().can_tone_map, reason="this ffmpeg has no zscale")
def test_hdr_becomes_sdr(clips: Clips, publish: Publish, ask: Ask) -> None:
    named = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
    bright = clips.film(
        "hdr.mp4",
        options=["-pix_fmt", "yuv420p10le", "-profile:v", "high10", "-x264-params", named],
    )

    packaged = publish(bright)

    picture = picture_of(ask, packaged)
    assert (picture["color_transfer"], picture["color_space"]) == ("bt709", "bt709")
    assert packaged.warnings == ()
    check_plays_everywhere(ask, packaged)


def test_a_silent_film_has_no_sound_track(clips: Clips, publish: Publish) -> None:
    packaged = publish(clips.film("silent.mp4", sound=False))

    assert "a.mp4" not in packaged.files
    assert "AUDIO" not in (packaged.folder / "master.m3u8").read_text()


def test_a_portrait_is_measured_by_its_short_side(clips: Clips, publish: Publish) -> None:
    packaged = publish(clips.film("portrait.mp4", size="480x854"))

    assert sizes(packaged) == [(480, 854), (240, 428)]


def test_a_tiny_film_is_not_made_larger(clips: Clips, publish: Publish, ask: Ask) -> None:
    packaged = publish(clips.film("tiny.mp4", size="32x18"))

    assert sizes(packaged) == [(32, 18)]
    check_plays_everywhere(ask, packaged)


def test_interlaced_anamorphic_pal_becomes_progressive_and_wide(
    clips: Clips, publish: Publish, ask: Ask
) -> None:
    pal = clips.film(
        "pal.mpg",
        size="720x576",
        rate="50",
        options=[
            "-vf", "interlace=lowpass=0,setsar=64/45", "-c:v", "mpeg2video",
            "-flags", "+ildct+ilme", "-top", "1", "-b:v", "4M", "-c:a", "mp2",
        ],
    )  # fmt: skip

    packaged = publish(pal)

    assert sizes(packaged)[0] == (1024, 576)
    assert picture_of(ask, packaged).get("field_order", "progressive") == "progressive"
    assert picture_of(ask, packaged)["avg_frame_rate"] == "25/1"
    check_plays_everywhere(ask, packaged)


def test_webm_of_vp9_and_opus(clips: Clips, publish: Publish, ask: Ask) -> None:
    webm = clips.film(
        "vp9.webm",
        options=[
            "-c:v",
            "libvpx-vp9",
            "-cpu-used",
            "8",
            "-deadline",
            "realtime",
            "-c:a",
            "libopus",
        ],
    )

    packaged = publish(webm)

    assert packaged.duration == pytest.approx(3, abs=0.1)
    check_plays_everywhere(ask, packaged)


def test_a_webm_that_never_learnt_its_length(clips: Clips, publish: Publish) -> None:
    """A browser's MediaRecorder writes no duration."""
    known = clips.film("known.webm", options=["-c:v", "libvpx", "-deadline", "realtime"])
    piped = clips.folder / "piped.webm"
    clips.make("live.webm", "-i", str(known), "-c", "copy", "-live", "1", "-f", "webm")
    piped.write_bytes((clips.folder / "live.webm").read_bytes())

    assert publish(piped).duration == pytest.approx(3, abs=0.2)


def test_a_size_that_changes_on_the_way(clips: Clips, publish: Publish) -> None:
    """What video calls record: the picture shrinks when the line is bad."""
    large = clips.film("large.ts", size="640x360", sound=False)
    small = clips.film("small.ts", size="320x180", sound=False, options=["-output_ts_offset", "3"])
    both = clips.folder / "both.ts"
    both.write_bytes(large.read_bytes() + small.read_bytes())

    packaged = publish(both)

    assert sizes(packaged)[0] == (640, 360)
    assert packaged.duration == pytest.approx(6, abs=0.2)


def test_surround_sound_becomes_stereo(clips: Clips, publish: Publish, ask: Ask) -> None:
    surround = clips.film("surround.mp4", options=["-af", "pan=5.1|c0=c0|c1=c0|c2=c0", "-ac", "6"])

    check_plays_everywhere(ask, publish(surround))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("song.mp3", ("-c:a", "libmp3lame")),
        ("song.flac", ("-ac", "1", "-ar", "96000")),
        ("song.wav", ()),
        ("song.ogg", ("-c:a", "libopus")),
        ("song.aac", ("-c:a", "aac")),
    ],
)
def test_sound_alone(
    name: str, options: tuple[str, ...], clips: Clips, publish: Publish, ask: Ask
) -> None:
    song = clips.make(name, "-f", "lavfi", "-i", "sine=440:duration=6", *options)

    packaged = publish(song)

    assert [each.name for each in packaged.renditions] == ["sound"]
    assert packaged.duration == pytest.approx(6, abs=0.2)
    assert sorted(packaged.files) == ["a.m3u8", "a.mp4", "master.m3u8", "progressive.mp4"]
    check_plays_everywhere(ask, packaged)


def test_a_cover_picture_does_not_make_a_song_a_film(clips: Clips, publish: Publish) -> None:
    cover = clips.make("cover.png", "-f", "lavfi", "-i", "color=red:size=300x300", "-frames:v", "1")
    song = clips.make(
        "album.m4a",
        *("-f", "lavfi", "-i", "sine=440:duration=5", "-i", str(cover)),
        *("-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic"),
    )

    assert [each.name for each in publish(song).renditions] == ["sound"]


def test_screen_recordings_in_rgb_keep_their_colours(
    clips: Clips, publish: Publish, ask: Ask
) -> None:
    screen = clips.make(
        "rgb.mkv",
        *("-f", "lavfi", "-i", "color=0xff8000:size=320x240:duration=2:rate=30"),
        *("-c:v", "libx264rgb", "-pix_fmt", "rgb24", "-preset", "ultrafast"),
    )

    packaged = publish(screen)

    pixel = clips.make(
        "pixel.rgb",
        *("-i", str(packaged.folder / "v240.mp4"), "-frames:v", "1", "-f", "rawvideo"),
        *("-vf", "scale=in_color_matrix=bt709:in_range=tv,format=rgb24"),
    ).read_bytes()[:3]
    assert list(pixel) == pytest.approx([0xFF, 0x80, 0x00], abs=6)
    assert picture_of(ask, packaged)["color_space"] == "bt709"
