"""The pay door: /pay/… and /rpc are passed on whole to the site's counter, and its answer back.

Any page and any program may ask here, so the answers allow every origin; none is ever kept.
"""

from gateway.answers import ALWAYS_LINES, NO_STORE, Answer, encoded, preflight, send_answer
from gateway.asgi import Receive, Request
from gateway.refusals import MethodNotAllowed, Refused
from gateway.seams import Asked, Counter

MOST_BODY = 64 << 10  # bytes
METHODS = "GET, POST, OPTIONS"
ALLOWED = {
    "Access-Control-Allow-Headers": (
        # x402's stock browser client sends the last one with its payment.
        "Content-Type, PAYMENT-SIGNATURE, X-Cashu, X-Cashu-Outputs, Idempotency-Key, "
        "Access-Control-Expose-Headers"
    )
}
EXPOSED = {
    "Access-Control-Expose-Headers": (
        "PAYMENT-REQUIRED, PAYMENT-RESPONSE, Retry-After, X-Cashu, X-Cashu-Change"
    )
}
SHARED = {**ALWAYS_LINES, **encoded({**NO_STORE, **EXPOSED})}


class TooMuchBody(Refused):
    """More than any payment is long."""

    status = 413


class CounterRoutes:
    """/pay/… and /rpc"""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    async def answer(self, request: Request) -> None:
        """Pass the request on and its answer back; raises Refused for what is no request."""
        if request.method == "OPTIONS":
            await send_answer(request.send, preflight(METHODS, ALLOWED))
            return
        if request.method not in {"GET", "POST"}:
            raise MethodNotAllowed("GET", "POST", "OPTIONS")
        body = await _whole(request.receive, request.content_length) if request.has_body else b""
        asked = Asked(request.method, request.path, request.query, request.headers, body)
        status, headers, said = await self._counter.serve(asked)
        await send_answer(request.send, Answer(status, headers, said), shared=SHARED)


async def _whole(receive: Receive, announced: int | None) -> bytes:
    if announced is not None and announced > MOST_BODY:
        raise TooMuchBody("This is more than a payment takes: send at most 64 KiB.")
    parts, size = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BODY:
            raise TooMuchBody("This is more than a payment takes: send at most 64 KiB.")
        if not message.get("more_body"):
            return b"".join(parts)
