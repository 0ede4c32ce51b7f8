"""Sends a body that is whole in memory as conditions and ranges ask, and counts what goes."""

from collections.abc import Callable, Mapping

from gateway import conditions
from gateway.answers import Answer, send_answer
from gateway.asgi import Request

Sent = Callable[[int], None]


async def send_bytes(request: Request, body: bytes, headers: Mapping[str, str], sent: Sent) -> None:
    """Answer GET or HEAD with these bytes, or part of them; raises RangeNotSatisfiable."""
    span = conditions.span(request, headers["ETag"], len(body))
    said = {**headers, "Accept-Ranges": "bytes"}
    if span.part:
        said["Content-Range"] = span.content_range
    part = body[span.start : span.stop]
    is_head = request.method == "HEAD"
    await send_answer(request.send, Answer(206 if span.part else 200, said, part), head=is_head)
    if not is_head:
        sent(len(part))


async def unchanged(request: Request, headers: Mapping[str, str], *others: str) -> bool:
    """Say 304 and answer true if the client has what this ETag, or one of the others, names."""
    if not conditions.has_it(request, headers["ETag"], *others):
        return False
    await send_answer(request.send, Answer(304, headers))
    return True
