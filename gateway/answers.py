"""Answers: the headers that all of them carry, and how one is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.asgi import Send
from gateway.refusals import Refused

# User bytes never run, never frame, never sniff; any page may read them, none with cookies.
ALWAYS: Mapping[str, str] = {
    # Said to all requests and not to OPTIONS alone: specifications of the IPFS gateways.
    "Access-Control-Allow-Headers": (
        "Content-Type, If-None-Match, If-Range, Range, User-Agent, X-Requested-With"
    ),
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Location,"
        " Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version,"
        " Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset, Ipfs-Uri,"
        " X-Chunked-Output, X-Ipfs-Path, X-Ipfs-Roots, X-Refusal, X-Stream-Output"
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
Lines = dict[bytes, bytes]  # headers as ASGI takes them


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
            " Upload-Length, Upload-Metadata, Upload-Offset, User-Agent, X-HTTP-Method-Override,"
            " X-Requested-With"
        ),
        "Access-Control-Max-Age": "86400",
        "Allow": methods,
    }
    return Answer(204, {**allowed, **(headers or {})})


def encoded(headers: Mapping[str, str]) -> Lines:
    return {name.lower().encode(): value.encode("latin-1") for name, value in headers.items()}


# Encoded once: they are most of what a small answer says.
ALWAYS_LINES: Lines = encoded(ALWAYS)


async def send_answer(
    send: Send, answer: Answer, *, head: bool = False, shared: Lines = ALWAYS_LINES
) -> None:
    """Send all of it; an answer to HEAD has the headers of its body but not the body.

    `shared` are the lines it has in common with others of its kind, where it says nothing else.
    """
    lines = {**shared, **encoded(answer.headers)}
    if answer.status not in BODILESS:
        lines.setdefault(b"content-length", b"%d" % len(answer.body))
    await _send_lines(send, answer.status, lines)
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def send_start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    await _send_lines(send, status, {**ALWAYS_LINES, **encoded(headers)})


async def _send_lines(send: Send, status: int, lines: Lines) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*lines.items()]})
