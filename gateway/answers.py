"""Answers: the headers that all of them carry, and how one is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.asgi import Send
from gateway.refusals import Refused

# User bytes never run, never frame, never sniff; any page may read them, none with cookies.
ALWAYS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Location,"
        " Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version,"
        " Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset,"
        " X-Ipfs-Path, X-Ipfs-Roots, X-Refusal"
    ),
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "Timing-Allow-Origin": "*",
    "X-Content-Type-Options": "nosniff",
}
NO_STORE: Mapping[str, str] = {"Cache-Control": "no-store"}
PLAIN: Mapping[str, str] = {"Content-Type": "text/plain; charset=utf-8"}
BODILESS = (204, 304)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, small enough to hold."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def sentence(status: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    """One sentence of plain text, never cached."""
    return Answer(status, {**PLAIN, **NO_STORE, **(headers or {})}, f"{text}\n".encode())


def refusal(refused: Refused) -> Answer:
    return sentence(refused.status, str(refused), {**refused.headers, "X-Refusal": refused.name})


def preflight(methods: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer to OPTIONS: what any page may send."""
    allowed = {
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": (
            "Content-Type, If-None-Match, If-Range, Range, Tus-Resumable, Upload-Checksum,"
            " Upload-Length, Upload-Metadata, Upload-Offset, X-HTTP-Method-Override,"
            " X-Requested-With"
        ),
        "Access-Control-Max-Age": "86400",
        "Allow": methods,
    }
    return Answer(204, {**allowed, **(headers or {})})


async def send_answer(send: Send, answer: Answer, *, head: bool = False) -> None:
    """Send all of it; an answer to HEAD has the headers of its body but not the body."""
    headers = dict(answer.headers)
    if answer.status not in BODILESS:
        headers.setdefault("Content-Length", str(len(answer.body)))
    await send_start(send, answer.status, headers)
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def send_start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    lines = [
        (name.lower().encode(), value.encode("latin-1"))
        for name, value in {**ALWAYS, **headers}.items()
    ]
    await send({"type": "http.response.start", "status": status, "headers": lines})
