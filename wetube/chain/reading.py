"""Asking contracts and accounts what they hold. Nothing here may stand inside a transaction."""

from collections.abc import Sequence
from typing import Any

from wetube.chain import contracts, deployment, rpc
from wetube.chain.models import Deployment


class Reverted(Exception):
    """The contract refuses; the message is its reason."""


def call(contract: str, function: str, *args: Any, block: int | None = None) -> Any:
    """What a function of the named contract answers, now or at the end of `block`.

    One value, a tuple of several, structs as mappings by names. Raises ChainAway within
    three seconds, NoDeployment, abi.NoSuchCall, and Reverted.
    """
    return at(deployment.required().address_of(contract), contract, function, args, block=block)


def at(
    address: str,
    contract: str,
    function: str,
    args: Sequence[Any] = (),
    *,
    block: int | None = None,
) -> Any:
    """As `call`, of the contract of that kind at an address; raises ChainAway and Reverted."""
    ask = contracts.call(contract, function, len(args))
    return ask.decode(_call({"to": address, "data": _hex(ask.encode(args))}, block))


def simulate(to: str, data: bytes, *, sender: str = "", block: int | None = None) -> bytes:
    """What a call would answer if `sender` sent it; raises ChainAway and Reverted.

    A worker with a call for many asks inside `rpc.patience(rpc.WORKERS_SECONDS)`.
    """
    return _call({"to": to, "data": _hex(data), **({"from": sender} if sender else {})}, block)


def estimate(message: dict[str, str]) -> int:
    """Units of gas that a transaction would use; for workers. Raises ChainAway and Reverted."""
    with rpc.patience(rpc.WORKERS_SECONDS):
        return int(_ask("eth_estimateGas", [message]), 16)


def balance(address: str, *, block: int | None = None) -> int:
    """Drops that the address holds on chain; raises ChainAway and NoDeployment."""
    return int(call(contracts.TOKEN, "balanceOf", address, block=block))


def gas_money(address: str) -> int:
    """Wei of the chain's own coin that the address holds; raises ChainAway."""
    return int(rpc.ask("eth_getBalance", [address, "latest"]), 16)


def head() -> int:
    """The number of the newest block; raises ChainAway."""
    return int(rpc.ask("eth_blockNumber"), 16)


def final_block(where: Deployment) -> int:
    """The newest block that counts as final; −1 if none does. Raises ChainAway."""
    return head() - where.confirmations + 1


def _call(message: dict[str, str], block: int | None) -> bytes:
    return bytes.fromhex(_ask("eth_call", [message, tag(block)])[2:])


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _ask(method: str, params: list[object]) -> str:
    """A refusal by the contract is told apart from one by the node, which stays RpcRefused."""
    try:
        return str(rpc.ask(method, params))
    except rpc.RpcRefused as refusal:
        if refusal.revert is None:
            raise
        raise Reverted(contracts.explain(refusal.revert)) from refusal


def tag(block: int | None) -> str:
    return "latest" if block is None else hex(block)
