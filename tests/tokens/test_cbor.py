"""What is written can be read, by others too; what strangers make up is refused."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wetube.tokens import cbor

ITEMS = st.recursive(
    st.integers(0, 2**64 - 1) | st.binary(max_size=300) | st.text(max_size=300),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(ITEMS)
def test_what_is_written_reads_the_same_here_and_elsewhere(item: cbor.Item) -> None:
    octets = cbor.write(item)

    assert cbor2.loads(octets) == item
    assert cbor2.dumps(item) == octets
    if not _is_deep(item):
        assert cbor.read(octets) == item


@given(st.binary(max_size=60))
def test_anything_at_all_is_read_or_refused(octets: bytes) -> None:
    try:
        cbor.read(octets)
    except cbor.NotCbor:
        return
    assert cbor2.loads(octets) is not None


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x01\x02",  # more after the end
        b"\x9f\x01\xff",  # a list left open
        b"\xc2\x41\x01",  # a tag
        b"\xf9\x3c\x00",  # a float
        b"\xf6",  # null
        b"\x20",  # -1
        b"\x5a\xff\xff\xff\xff",  # four gigabytes that are not there
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",  # as many items
        b"\xa1\x01\x02",  # a name that is no text
        b"\xa2\x61a\x01\x61a\x02",  # a name twice
        b"\x61\xff",  # no UTF-8
        b"\x81" * 10_000 + b"\x01",  # ten thousand lists in each other
    ],
)
def test_the_rest_is_refused(octets: bytes) -> None:
    with pytest.raises(cbor.NotCbor):
        cbor.read(octets)


@pytest.mark.parametrize("number", [-1, 2**64])
def test_a_number_out_of_range_is_not_written(number: int) -> None:
    with pytest.raises(cbor.NotCbor):
        cbor.write(number)


def _is_deep(item: cbor.Item, depth: int = cbor.DEEPEST) -> bool:
    match item:
        case list():
            return depth == 1 or any(_is_deep(each, depth - 1) for each in item)
        case dict():
            return depth == 1 or any(_is_deep(each, depth - 1) for each in item.values())
    return depth == 0
