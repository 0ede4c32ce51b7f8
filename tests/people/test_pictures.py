"""Only pixels survive, at our size; what is no picture or too much of one is refused."""

import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from wetube.people import pictures


def file(size: tuple[int, int] = (640, 480), fmt: str = "PNG", **more: Any) -> BytesIO:
    out = BytesIO()
    Image.new(more.pop("mode", "RGB"), size, more.pop("color", "red")).save(out, fmt, **more)
    return BytesIO(out.getvalue())


def shown(file: BytesIO, size: tuple[int, int] = (320, 320)) -> Image.Image:
    return Image.open(BytesIO(pictures.encode(file, size)))


def png_that_says(width: int, height: int) -> BytesIO:
    """A PNG whose header promises a size its few bytes do not have."""
    size = width.to_bytes(4) + height.to_bytes(4)
    head = b"IHDR" + size + bytes([8, 2, 0, 0, 0])
    data = b"IDAT" + zlib.compress(bytes(1000))
    parts = [
        (len(part) - 4).to_bytes(4) + part + zlib.crc32(part).to_bytes(4) for part in (head, data)
    ]
    return BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(parts))


@pytest.mark.parametrize("fmt", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("size", [(640, 480), (1, 1), (3, 2000)])
def test_every_format_and_shape_becomes_ours(fmt: str, size: tuple[int, int]) -> None:
    picture = shown(file(size, fmt))
    assert picture.format == "WEBP"
    assert picture.size == (320, 320)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_mode_of_pixels_is_understood(mode: str) -> None:
    fmt = "JPEG" if mode == "CMYK" else "PNG"
    color: Any = {"L": 9, "LA": (9, 9), "P": 1, "1": 1, "I;16": 9}.get(mode, "red")
    assert shown(file(mode=mode, color=color, fmt=fmt)).size == (320, 320)


def test_metadata_does_not_survive() -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    picture = file(fmt="JPEG", exif=exif, icc_profile=b"a profile", comment=b"a comment")
    assert b"where I live" in picture.getvalue()
    clean = pictures.encode(picture, (320, 320))
    for trace in (b"where I live", b"a profile", b"a comment", b"EXIF", b"ICCP", b"XMP"):
        assert trace not in clean


def test_a_picture_on_its_side_is_turned_before_the_turn_is_forgotten() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side: turn by 90 degrees
    sideways = Image.new("RGB", (200, 100), "red")
    sideways.paste("blue", (0, 0, 100, 100))
    out = BytesIO()
    sideways.save(out, "JPEG", exif=exif)
    turned = shown(BytesIO(out.getvalue()), (100, 200)).convert("RGB")
    top = turned.getpixel((50, 20))
    assert isinstance(top, tuple)
    assert top[2] > 200


def test_what_is_clear_becomes_white() -> None:
    pixel = shown(file(mode="RGBA", color=(0, 0, 0, 0))).convert("RGB").getpixel((10, 10))
    assert isinstance(pixel, tuple)
    assert min(pixel) > 250


@pytest.mark.parametrize(("width", "height"), [(16_384, 16_384), (2**31 - 1, 1), (40_001, 1_000)])
def test_a_bomb_is_refused_before_it_is_decoded(width: int, height: int) -> None:
    with pytest.raises(pictures.BadPicture, match="40 million"):
        pictures.encode(png_that_says(width, height), (320, 320))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(pictures.BadPicture, match="10 MB"):
        pictures.encode(BytesIO(bytes(pictures.MOST_BYTES + 1)), (320, 320))


@pytest.mark.parametrize("fmt", ["BMP", "TIFF", "ICO", "PPM"])
def test_other_formats_are_refused(fmt: str) -> None:
    with pytest.raises(pictures.BadPicture, match="not a JPEG"):
        pictures.encode(file(fmt=fmt), (320, 320))


@pytest.mark.parametrize("fmt", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("part", [0.05, 0.5, 0.9])
def test_a_cut_off_picture_is_refused_or_ours(fmt: str, part: float) -> None:
    whole = file((300, 300), fmt).getvalue()
    try:
        clean = pictures.encode(BytesIO(whole[: int(len(whole) * part)]), (320, 320))
    except pictures.BadPicture:
        return
    assert Image.open(BytesIO(clean)).size == (320, 320)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_damaged_bytes_are_refused_or_ours(fmt: str, damage: list[tuple[int, int]]) -> None:
    data = bytearray(file((40, 40), fmt).getvalue())
    for place, octet in damage:
        data[place % len(data)] = octet
    try:
        clean = pictures.encode(BytesIO(bytes(data)), (32, 32))
    except pictures.BadPicture:
        return
    assert Image.open(BytesIO(clean)).size == (32, 32)
