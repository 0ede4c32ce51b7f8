"""The indexer finds what is complete, and nothing a hostile file says makes it stumble."""

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wetube.video.transcoding.fragments import BadFragments, Track


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def u32(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def header(timescale: int = 1000) -> bytes:
    avcc = box(b"avcC", bytes([1, 0x64, 0x00, 0x1E]), bytes(3))
    entry = box(b"avc1", bytes(24), struct.pack(">HH", 640, 360), bytes(50), avcc)
    stsd = box(b"stsd", u32(0, 1), entry)
    mdia = box(
        b"mdia",
        box(b"mdhd", u32(0, 0, 0, timescale, 0, 0)),
        box(b"minf", box(b"stbl", stsd)),
    )
    trex = box(b"trex", u32(0, 1, 1, 40, 7, 0))
    return box(b"ftyp", b"iso6") + box(b"moov", box(b"trak", mdia), box(b"mvex", trex))


def fragment(start: int, sizes: list[int], *, duration: int = 40) -> bytes:
    def moof(data_offset: int) -> bytes:
        run = b"".join(u32(duration, size) for size in sizes)
        return box(
            b"moof",
            box(b"mfhd", u32(0, 1)),
            box(
                b"traf",
                box(b"tfhd", u32(0x020000, 1)),
                box(b"tfdt", u32(0, start)),
                box(b"trun", u32(0x301, len(sizes), data_offset), run),
            ),
        )

    head = moof(len(moof(0)) + 8)
    return head + box(b"mdat", bytes(sum(sizes)))


def test_fragments_appear_as_the_file_grows(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    track = Track(path)
    assert track.poll() == []
    first, second = fragment(0, [100, 10, 10]), fragment(120, [50, 5])
    whole = header() + first + second

    seen = []
    for end in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:end])
        seen += track.poll()
    path.write_bytes(whole)
    seen += track.poll()

    assert track.header is not None
    assert (track.header.codec, track.header.width, track.header.height) == (
        "avc1.64001e",
        640,
        360,
    )
    assert track.header.length == len(header())
    assert [(each.offset, each.length) for each in seen] == [
        (len(header()), len(first)),
        (len(header()) + len(first), len(second)),
    ]
    assert [(each.start, each.duration, each.samples) for each in seen] == [
        (0, 0.12, 3), (0.12, 0.08, 2),
    ]  # fmt: skip
    assert seen[0].key_length == len(first) - 20
    assert track.largest_gap() == pytest.approx(0)
    assert track.poll() == []


def test_a_hole_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(header() + fragment(0, [1]) + fragment(140, [1]))
    track = Track(path)
    track.poll()

    assert track.largest_gap() == pytest.approx(0.1)


@pytest.mark.parametrize(
    "data",
    [
        box(b"moov"),
        box(b"moov", box(b"trak", u32(0xFFFFFFFF, 0))),
        header(timescale=0),
        header() + box(b"moof") + box(b"mdat"),
        header() + fragment(0, [10])[:-18] + box(b"mdat"),
        header() + u32(4) + b"abcd",
        fragment(0, [10]),
        header().replace(b"avc1", b"evil"),
        header() + fragment(0, [10]).replace(u32(0x301, 1), u32(0x301, 0xFFFFFFF)),
        header() + fragment(0, [10]).replace(u32(40, 10), u32(40, 0xFFFFFF)),
    ],
)
def test_nonsense_is_named(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(data)

    with pytest.raises(BadFragments):
        Track(path).poll()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_damage_ends_in_an_index_or_bad_fragments(data: st.DataObject, tmp_path: Path) -> None:
    whole = bytearray(header() + fragment(0, [100, 10]) + fragment(80, [30, 10]))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "v.mp4"
    path.write_bytes(whole)
    track = Track(path)
    try:
        track.poll()
    except BadFragments:
        return
    assert all(each.offset + each.length <= len(whole) for each in track.fragments)
