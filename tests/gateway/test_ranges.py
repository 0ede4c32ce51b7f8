"""A range asks for exactly the bytes RFC 9110 says, and never for bytes that are not there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ranges import RangeNotSatisfiable, Span, parse

DATA = bytes(range(256)) * 4


@pytest.mark.parametrize(
    ("header", "size", "start", "stop"),
    [
        ("bytes=0-0", 10, 0, 1),
        ("bytes=0-", 10, 0, 10),
        ("bytes=9-", 10, 9, 10),
        ("bytes=2-5", 10, 2, 6),
        ("bytes=2-500", 10, 2, 10),
        ("bytes=-3", 10, 7, 10),
        ("bytes=-30", 10, 0, 10),
        ("BYTES= 1-2 ", 10, 1, 3),
        ("bytes=4-5, 1-2", 10, 4, 6),
        ("bytes=10-11,-2", 10, 8, 10),
    ],
)
def test_a_range_names_its_bytes(header: str, size: int, start: int, stop: int) -> None:
    assert parse(header, size) == Span(start, stop, size, part=True)


@pytest.mark.parametrize(
    "header",
    [
        None, "", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1-2,a", "items=0-1",
        "bytes=0x1-2", "bytes=+1-2", "bytes=1-2-3", "bytes=٣-٤", "bytes=" + "9" * 5000 + "-",
    ],
)  # fmt: skip
def test_whatever_is_not_one_range_asks_for_the_whole(header: str | None) -> None:
    assert parse(header, 10) == Span(0, 10, 10)


@pytest.mark.parametrize(
    ("header", "size"),
    [("bytes=10-", 10), ("bytes=10-20,11-", 10), ("bytes=-0", 10), ("bytes=0-", 0)],
)
def test_no_byte_in_the_range_is_refused_with_the_size(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiable) as refused:
        parse(header, size)
    assert refused.value.headers == {"Content-Range": f"bytes */{size}"}


def test_the_end_of_an_empty_file_is_the_whole_of_it() -> None:
    assert parse("bytes=-5", 0) == Span(0, 0, 0)


@given(st.integers(0, 1100), st.integers(0, 1100))
def test_first_and_last_are_both_included(first: int, last: int) -> None:
    try:
        span = parse(f"bytes={first}-{last}", len(DATA))
    except RangeNotSatisfiable:
        assert len(DATA) <= first <= last
        return
    assert DATA[span.start : span.stop] == (DATA[first : last + 1] if first <= last else DATA)


@given(st.integers(1, 1100))
def test_a_suffix_is_the_end(length: int) -> None:
    span = parse(f"bytes=-{length}", len(DATA))
    assert DATA[span.start : span.stop] == DATA[-length:]


@given(st.text(max_size=40), st.integers(0, 1 << 40))
def test_no_header_leads_outside_the_file(text: str, size: int) -> None:
    try:
        span = parse(f"bytes={text}", size)
    except RangeNotSatisfiable:
        return
    assert 0 <= span.start <= span.stop <= size
