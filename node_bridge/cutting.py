"""Cuts a source of any kind into the leaves of a file."""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol, runtime_checkable

from node_bridge.errors import TooBig


@runtime_checkable
class _ReadsInto(Protocol):
    def readinto(self, buffer: memoryview, /) -> int | None: ...


@runtime_checkable
class _Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


def leaves(
    src: BinaryIO | Iterable[bytes], size: int, *, max_bytes: int | None = None
) -> Iterator[memoryview]:
    """Views of `size` bytes, the last one shorter; nothing for an empty source.

    A view is good until the next is asked for: one buffer serves them all.
    Raises TooBig as soon as the source goes past `max_bytes`.
    """
    fill = _filler(src, size)
    buffer = memoryview(bytearray(size))
    total = 0
    while length := fill(buffer):
        total += length
        if max_bytes is not None and total > max_bytes:
            raise TooBig(f"This is larger than the {max_bytes} bytes that were allowed.")
        yield buffer[:length]
        if length < size:
            return


def _filler(src: BinaryIO | Iterable[bytes], size: int) -> Callable[[memoryview], int]:
    """A function that fills a buffer as far as the source goes and says how far."""
    if isinstance(src, _ReadsInto):
        return _reading(src)
    if isinstance(src, _Reads):
        read = src.read
        return _collecting(iter(lambda: read(size), b""))
    return _collecting(iter(src))


def _reading(src: _ReadsInto) -> Callable[[memoryview], int]:
    def fill(buffer: memoryview) -> int:
        filled = 0
        while filled < len(buffer) and (more := src.readinto(buffer[filled:])):
            filled += more
        return filled

    return fill


def _collecting(pieces: Iterator[bytes]) -> Callable[[memoryview], int]:
    rest = memoryview(b"")

    def fill(buffer: memoryview) -> int:
        nonlocal rest
        filled = 0
        while filled < len(buffer):
            if not rest:
                piece = next(pieces, None)
                if piece is None:
                    break
                rest = memoryview(piece)
            length = min(len(rest), len(buffer) - filled)
            buffer[filled : filled + length] = rest[:length]
            rest = rest[length:]
            filled += length
        return filled

    return fill
