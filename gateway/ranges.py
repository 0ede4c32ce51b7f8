"""Byte ranges of RFC 9110 §14: which bytes of a file a request asks for."""

import re
from dataclasses import dataclass

from gateway.refusals import Refused

ONE_RANGE = re.compile(r"[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII)
MOST = 16  # ranges that are looked at


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` (included) to `stop` (not) of a file of `size`; `part` tells 206 from 200."""

    start: int
    stop: int
    size: int
    part: bool = False

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


class RangeNotSatisfiable(Refused):
    """No byte of the file lies in the range."""

    status = 416

    def __init__(self, size: int) -> None:
        super().__init__(f"This file has {size} bytes, and none of them lies in the range.")
        self.headers = {"Content-Range": f"bytes */{size}"}


def parse(header: str | None, size: int) -> Span:
    """The span that a Range header asks for; raises RangeNotSatisfiable.

    Of several ranges the first that can be answered is: no player asks for more.
    Another unit, or nonsense, asks for the whole file, as the RFC allows.
    """
    unit, _, texts = (header or "").partition("=")
    matches = [ONE_RANGE.fullmatch(text) for text in texts.split(",")[:MOST]]
    if unit.lower() != "bytes" or None in matches:
        return Span(0, size, size)
    refused = RangeNotSatisfiable(size)
    for first, last in (match.groups() for match in matches if match):
        try:
            return _from(int(first), last, size) if first else _suffix(last, size)
        except RangeNotSatisfiable as unsatisfiable:
            refused = unsatisfiable
    raise refused


def _from(first: int, last: str, size: int) -> Span:
    stop = min(int(last) + 1, size) if last else size
    if last and int(last) < first:
        return Span(0, size, size)
    if first >= size:
        raise RangeNotSatisfiable(size)
    return Span(first, stop, size, part=True)


def _suffix(last: str, size: int) -> Span:
    if not last or (int(last) and not size):
        return Span(0, size, size)
    if not int(last):
        raise RangeNotSatisfiable(size)
    return Span(max(size - int(last), 0), size, size, part=True)
