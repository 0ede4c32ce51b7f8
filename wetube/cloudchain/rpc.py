"""JSON-RPC 2.0: from a request's body to the answer's, every fault with a code and a sentence."""

import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from wetube.cloudchain.chain import Refused
from wetube.cloudchain.engine import Busy
from wetube.cloudchain.methods import Desk, Method
from wetube.cloudchain.methods.calls import CallFailed
from wetube.cloudchain.methods.desk import NoSuchBlock
from wetube.cloudchain.params import InvalidParams, Params
from wetube.cloudchain.reader import TooMuch
from wetube.cloudchain.store import CannotWrite
from wetube.cloudchain.timing import TookTooLong
from wetube.cloudchain.transactions import BadTransaction

MOST_IN_A_BATCH = 100
REVERTED = 3  # as geth and all clients know it
SERVER_ERROR, LIMIT_EXCEEDED = -32000, -32005
PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, INTERNAL_ERROR = (
    -32700, -32600, -32601, -32602, -32603,
)  # fmt: skip
CODES: dict[type[Exception], int] = {
    InvalidParams: INVALID_PARAMS,
    BadTransaction: SERVER_ERROR,
    Refused: SERVER_ERROR,
    NoSuchBlock: SERVER_ERROR,
    TookTooLong: SERVER_ERROR,
    CannotWrite: INTERNAL_ERROR,
    TooMuch: LIMIT_EXCEEDED,
    Busy: LIMIT_EXCEEDED,
}

DEEPEST = 32
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
BRACKET = re.compile(r"[][{}]")

log = logging.getLogger(__name__)
Answer = dict[str, Any]


class Rpc:
    """Answers bodies, in any thread; each thread gets a desk of its own."""

    def __init__(self, methods: Mapping[str, Method], new_desk: Callable[[], Desk]) -> None:
        self._methods = methods
        self._new_desk = new_desk
        self._own = threading.local()

    def answer(self, body: bytes) -> bytes:
        """Empty where nothing is to be answered: there were notifications alone."""
        try:
            asked = _parsed(body)
        except ValueError:
            return _written(_error(None, PARSE_ERROR, "parse error: this is no JSON we can read"))
        if not isinstance(asked, list):
            found = self._one(asked)
            return _written(found) if found else b""
        if not 0 < len(asked) <= MOST_IN_A_BATCH:
            words = f"a batch has one to {MOST_IN_A_BATCH} requests"
            return _written(_error(None, INVALID_REQUEST, words))
        found_all = [found for one in asked if (found := self._one(one))]
        return _written(found_all) if found_all else b""

    def _one(self, asked: object) -> Answer | None:
        if not isinstance(asked, dict) or not isinstance(asked.get("method"), str):
            return _error(None, INVALID_REQUEST, "a request is an object with a method")
        name = asked.get("id")
        if not isinstance(name, str | int | float | None) or isinstance(name, bool):
            return _error(None, INVALID_REQUEST, "an id is a string or a number")
        answer = self._answer(asked["method"], asked.get("params", []), name)
        return answer if "id" in asked else None

    def _answer(self, method: str, given: object, name: object) -> Answer:
        work = self._methods.get(method)
        if work is None:
            words = f"the method {method[:80]} does not exist/is not available"
            return _error(name, NO_METHOD, words)
        try:
            result = work(self._desk(), Params([] if given is None else given))
        except CallFailed as fault:
            return _failed_call(name, fault)
        except tuple(CODES) as fault:
            return _error(name, CODES[type(fault)], str(fault))
        except Exception:
            log.exception("%s failed", method)
            return _error(name, INTERNAL_ERROR, "internal error; see the chain's log")
        return {"jsonrpc": "2.0", "id": name, "result": result}

    def _desk(self) -> Desk:
        if not hasattr(self._own, "desk"):
            self._own.desk = self._new_desk()
        desk: Desk = self._own.desk
        return desk


def _failed_call(name: object, fault: CallFailed) -> Answer:
    if not fault.outcome.reverted:
        return _error(name, SERVER_ERROR, str(fault))
    answer = _error(name, REVERTED, str(fault))
    answer["error"]["data"] = f"0x{fault.outcome.output.hex()}"
    return answer


def _error(name: object, code: int, words: str) -> Answer:
    return {"jsonrpc": "2.0", "id": name, "error": {"code": code, "message": words}}


def _written(answer: Answer | list[Answer]) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()


def _parsed(body: bytes) -> Any:
    """Raises ValueError, also for what is nested deeper than any request of ours.

    The machine needs Python's limit on recursion so high that json would run out of stack first.
    """
    text = body.decode()
    depth = 0
    for sign in BRACKET.findall(STRING.sub("", text)):
        depth += 1 if sign in "[{" else -1
        if depth > DEEPEST:
            raise ValueError("nested too deeply")
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
