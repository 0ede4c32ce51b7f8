"""If-None-Match, If-Range and Range: what of an answer is still wanted (RFC 9110 §13, §14)."""

from gateway import ranges
from gateway.asgi import Request
from gateway.ranges import Span


def has_it(request: Request, *etags: str) -> bool:
    """Whether If-None-Match names one of these; it compares weakly."""
    header = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return "*" in tags or any(etag.removeprefix("W/") in tags for etag in etags)


def span(request: Request, etag: str, size: int) -> Span:
    """The bytes that are asked for.

    All of them for HEAD, and where If-Range names something else. Raises
    RangeNotSatisfiable.
    """
    condition = request.headers.get("if-range", "").strip()
    if request.method == "HEAD" or (condition and condition != etag):
        return Span(0, size, size)
    return ranges.parse(request.headers.get("range"), size)
