"""A stream on its way to shards: cut into stripes, each sealed under its number and coded."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from node_bridge.network.coding import PART_STRIPES, Codec, Seal

PURPOSE = "data"


class Striping:
    """One stream, once. `size` is how many of its bytes have gone through."""

    def __init__(self, stream: Iterable[bytes], codec: Codec, key: bytes) -> None:
        self.size = 0
        self._codec = codec
        self._seal = Seal(key, PURPOSE)
        self._stripes = self._cut(iter(stream))

    def parts(self) -> Iterator[Iterator[list[bytes]]]:
        """Parts as stripes of n shards each; one is to be read to its end before the next."""
        number = 0
        while (first := next(self._stripes, None)) is not None:
            rest = islice(self._stripes, PART_STRIPES - 1)
            yield self._coded(chain([first], rest), number)
            number += PART_STRIPES

    def _coded(self, stripes: Iterable[bytes], number: int) -> Iterator[list[bytes]]:
        for stripe in stripes:
            yield self._codec.encode(self._seal.close(number, stripe))
            number += 1

    def _cut(self, stream: Iterator[bytes]) -> Iterator[bytes]:
        stripe, waiting = self._codec.stripe, bytearray()
        for piece in stream:
            waiting += piece
            while len(waiting) >= stripe:
                self.size += stripe
                yield bytes(memoryview(waiting)[:stripe])
                del waiting[:stripe]
        if waiting:
            self.size += len(waiting)
            yield bytes(waiting)
