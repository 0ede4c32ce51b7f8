"""The line to the chain's node: JSON-RPC that answers within three seconds or says it is away.

web3 brings the line (connections, batches of its own, encoding); what goes over it is
plain JSON-RPC, so that embedded chains, anvil and public nodes are asked alike.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import requests
from django.conf import settings
from django.utils.translation import gettext as _

from wetube.chain.breaker import Breaker

if TYPE_CHECKING:
    from web3 import HTTPProvider

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 1.8
PAUSE_SECONDS = 5.0
# For what workers ask that takes the node long: estimating and executing a call for many.
WORKERS_SECONDS = 15.0

_answer_seconds: ContextVar[float] = ContextVar("answer_seconds", default=ANSWER_SECONDS)


class ChainAway(Exception):
    """The chain's node did not answer, or there is none; nothing was moved."""

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__(_("The chain does not answer right now. Try again in a minute."))


class RpcRefused(Exception):
    """The node answered, and the answer was no."""

    def __init__(self, message: str, data: object = None) -> None:
        self.message, self.data = message, data
        super().__init__(message)

    @property
    def revert(self) -> bytes | None:
        """What the contract said when it refused; None if it was not a contract that refused."""
        data = self.data.get("data") if isinstance(self.data, dict) else self.data
        if isinstance(data, str) and (found := re.search(r"0x[0-9a-fA-F]*", data)):
            return _bytes(found[0])
        return b"" if "revert" in self.message.lower() else None


def ask(method: str, params: Sequence[object] = ()) -> Any:
    """What the node answers; raises ChainAway within three seconds, and RpcRefused."""
    url = settings.CLOUDCOIN_RPC
    breaker = breaker_of(url)
    if not url or not breaker.lets_through():
        raise ChainAway("no CLOUDCOIN_RPC" if not url else "it did not answer a moment ago")
    try:
        answer = _exchange(url, method, params)
    except (requests.RequestException, ValueError, OSError) as error:
        breaker.failed()
        logger.warning("The chain's node does not answer: %s", type(error).__name__)
        raise ChainAway(type(error).__name__) from error
    breaker.worked()
    if said := answer.get("error"):
        raise _refusal(said)
    return answer["result"]


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let one long question, as a worker may have, take more than the usual; never in a request."""
    token = _answer_seconds.set(seconds)
    try:
        yield
    finally:
        _answer_seconds.reset(token)


@lru_cache(maxsize=8)
def breaker_of(url: str) -> Breaker:
    return Breaker(PAUSE_SECONDS)


def _exchange(url: str, method: str, params: Sequence[object]) -> Mapping[str, Any]:
    """An answer that has a result or an error; raises RequestException or ValueError for none."""
    line: Any = _provider(url, _answer_seconds.get())
    try:
        answer = line.make_request(method, list(params))
    except requests.HTTPError as error:
        # Some nodes refuse with the status, too: 400 for too wide a range of blocks.
        answer = error.response.json()
        if not isinstance(answer, dict) or not answer.get("error"):
            raise
    if not isinstance(answer, dict) or not ({"result", "error"} & answer.keys()):
        raise ValueError("This is no JSON-RPC.")
    return answer


@lru_cache(maxsize=8)
def _provider(url: str, answer_seconds: float) -> "HTTPProvider":
    # web3 takes more than a second to import; only processes that ask a chain pay for it.
    from web3 import HTTPProvider  # noqa: PLC0415

    timeouts = {"timeout": (CONNECT_SECONDS, answer_seconds)}
    return HTTPProvider(url, request_kwargs=timeouts, exception_retry_configuration=None)


def _refusal(said: object) -> RpcRefused:
    if isinstance(said, dict):
        return RpcRefused(str(said.get("message", ""))[:500], said.get("data"))
    return RpcRefused(str(said)[:500])


def _bytes(text: str) -> bytes:
    digits = text.removeprefix("0x")
    return bytes.fromhex(digits if len(digits) % 2 == 0 else digits[:-1])
