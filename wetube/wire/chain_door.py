"""A window on the chain for payers who have no node: questions only, a few a second, never orders.

x402's clients read their channel here after they lost an answer.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.utils.translation import gettext as _

from wetube.chain import rpc

ALLOWED = frozenset({
    "eth_blockNumber", "eth_call", "eth_chainId", "eth_estimateGas", "eth_feeHistory",
    "eth_gasPrice", "eth_getBalance", "eth_getBlockByNumber", "eth_getCode",
    "eth_getTransactionByHash", "eth_getTransactionCount", "eth_getTransactionReceipt",
    "eth_maxPriorityFeePerGas", "net_version", "web3_clientVersion",
})  # fmt: skip
MOST_IN_A_BATCH = 20
MOST_ANSWER = 256 << 10  # bytes
MOST_A_SECOND = 200  # questions of all askers together: nobody's address is kept
MOST_WAITING = 32
CALLS = frozenset({"eth_call", "eth_estimateGas"})
MOST_GAS = 1_000_000  # for one call: a quarter of a second of the embedded chain's only processor

# JSON-RPC 2.0, and EIP-1474's for what is not offered and for too many questions.
NO_JSON, NO_REQUEST, NO_METHOD, BROKEN, TOO_MANY = -32700, -32600, -32601, -32603, -32005
NO_PARAMS = -32602


class NotHere(Exception):
    """A call this door does not pass on."""


class ChainDoor:
    """Answers JSON-RPC, one call or a few at once."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="chain-door")
        self._lately: deque[float] = deque()
        self._waiting = 0

    async def answer(self, body: bytes) -> bytes:
        """The JSON to send back; every failure is JSON, too."""
        try:
            asked = json.loads(body)
        except (ValueError, RecursionError):
            return _packed(_error(None, NO_JSON, _("This is no JSON.")))
        if not isinstance(asked, list):
            return _packed(await self._one(asked))
        if not 0 < len(asked) <= MOST_IN_A_BATCH:
            return _packed(_error(None, NO_REQUEST, _("Ask between 1 and 20 questions at once.")))
        return _packed([await self._one(each) for each in asked])

    async def _one(self, asked: object) -> dict[str, Any]:
        if not isinstance(asked, dict):
            return _error(None, NO_REQUEST, _("This is no JSON-RPC request."))
        name, method, params = asked.get("id"), asked.get("method"), asked.get("params", [])
        if not isinstance(params, list) or isinstance(name, (list, dict)):
            return _error(None, NO_REQUEST, _("This is no JSON-RPC request."))
        if not isinstance(method, str) or method not in ALLOWED:
            return _error(name, NO_METHOD, _("This door answers questions only, and not this one."))
        try:
            params = _narrowed(method, params)
        except NotHere:
            return _error(name, NO_PARAMS, _("This door calls contracts that are on the chain."))
        if not self._may_ask():
            return _error(name, TOO_MANY, _("Too many questions. Ask again in a second."))
        return await self._asked(name, method, params)

    async def _asked(self, name: Any, method: str, params: list[Any]) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        self._waiting += 1
        try:
            result = await loop.run_in_executor(self._threads, rpc.ask, method, params)
        except rpc.ChainAway as away:
            return _error(name, BROKEN, str(away))
        except rpc.RpcRefused as refusal:
            return _error(name, 3 if refusal.data else BROKEN, refusal.message, refusal.data)
        finally:
            self._waiting -= 1
        return {"jsonrpc": "2.0", "id": name, "result": result}

    def _may_ask(self) -> bool:
        now = time.monotonic()
        while self._lately and self._lately[0] < now - 1:
            self._lately.popleft()
        if len(self._lately) >= MOST_A_SECOND or self._waiting >= MOST_WAITING:
            return False
        self._lately.append(now)
        return True


def _narrowed(method: str, params: list[Any]) -> list[Any]:
    """A call of a contract that is there, with little gas, on the state as it is.

    Raises NotHere. A stranger's own code, sent along as the call or as an override of state, could
    keep the chain busy for everybody.
    """
    if method not in CALLS:
        return params
    call = params[0] if params else None
    if not isinstance(call, dict) or not isinstance(call.get("to"), str):
        raise NotHere
    return [{**call, "gas": hex(min(_gas(call.get("gas")), MOST_GAS))}, *params[1:2]]


def _gas(asked: object) -> int:
    try:
        return int(str(asked), 16) if asked is not None else MOST_GAS
    except ValueError as fault:
        raise NotHere from fault


def _error(name: Any, code: int, message: str, data: object = None) -> dict[str, Any]:
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return {"jsonrpc": "2.0", "id": name, "error": error}


def _packed(said: Mapping[str, Any] | list[dict[str, Any]]) -> bytes:
    packed = json.dumps(said).encode()
    if len(packed) <= MOST_ANSWER:
        return packed
    return json.dumps(_error(None, BROKEN, _("The answer is too long for this door."))).encode()
