"""The outbox: what is asked for once happens on chain once.

`put` only writes a row and may stand inside any transaction. `pump` takes every row
one step on: it is signed and kept, then sent, sent again until a block holds it, and
followed until enough blocks lie on top. A pump may die anywhere and any number may
run: what is signed is kept first, and a nonce is given out by comparing.

Who wants to know how it went looks at the row: final, failed (`error` has the contract's
reason) or replaced.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings

from wetube.chain import (
    abi,
    contracts,
    deployment,
    following,
    json_values,
    keys,
    rpc,
    sending,
    signing,
)
from wetube.chain.models import ChainTx, Deployment, Sender

logger = logging.getLogger(__name__)
ROUNDS = 3


class IntentChanged(Exception):
    """The same intent was put before, for something else."""

    def __init__(self, intent: str) -> None:
        super().__init__(f"{intent} was asked before, for another call.")


class StillPending(Exception):
    """The time one was willing to wait is over; the row goes on by itself."""


def put(
    intent: str,
    *,
    role: str,
    contract: str,
    function: str,
    args: Sequence[Any],
    gas: int | None = None,
) -> ChainTx:
    """Ask for one call of a contract, once per `intent`; the same again gives the same row.

    `contract` is a name of `contracts`, or an address, whose function is then taken from the
    coin's interface (ERC-20). Without `gas` it is estimated when the call is signed, and a call
    the contract refuses then is never sent. Raises IntentChanged, NoDeployment, NoSuchCall.
    """
    named = not contract.startswith("0x")
    call = contracts.call(contract if named else contracts.TOKEN, function, len(args))
    return _put(
        intent,
        role=role,
        contract=contract,
        to=deployment.required().address_of(contract) if named else contract,
        **_said(call, args),
        gas=gas,
    )


def put_before_ready(
    intent: str, *, where: Deployment, contract: str, function: str, args: Sequence[Any]
) -> ChainTx:
    """For the set-up alone: a call by the relayer to contracts nobody else may use yet."""
    call = contracts.call(contract, function, len(args))
    to = where.address_of(contract)
    return _put(intent, role="relayer", contract=contract, to=to, **_said(call, args))


def give(intent: str, *, role: str, to: str, wei: int) -> ChainTx:
    """Ask for a transfer of the chain's own coin, as gas money for another role."""
    return _put(intent, role=role, to=to, value=wei, function="give", args=[wei])


def wait(intent: str, seconds: float) -> ChainTx:
    """Pump until the row is over; for commands and tests, never for a request.

    Raises StillPending when `seconds` are over.
    """
    until = time.monotonic() + seconds
    while True:
        pump()
        row = ChainTx.objects.get(intent=intent)
        if row.is_over:
            return row
        if time.monotonic() > until:
            raise StillPending(f"{row} {row.error}".strip())
        time.sleep(0.2)


def pump() -> int:
    """Take everything that waits one step on; how many steps were taken.

    Costs one query when nothing waits. A chain that is away, another chain than ours, or a
    missing key is logged, and everything stays where it is.
    """
    roles = sorted(set(ChainTx.objects.pending().values_list("role", flat=True)))
    where = Deployment.objects.first() if roles and settings.CLOUDCOIN_RPC else None
    if where is None:
        return 0
    try:
        deployment.assert_on(where)
        return sum(_serve(role, where) for role in roles)
    except (rpc.ChainAway, rpc.RpcRefused, deployment.WrongChain) as error:
        logger.warning("The outbox waits: %s", error)
    return 0


def _serve(role: str, where: Deployment) -> int:
    """What stands in one role's way is logged, and is no matter of the others."""
    try:
        key = keys.account(role)
        sender, _ = Sender.objects.get_or_create(address=key.address, defaults={"role": role})
        moved = _work(signing.Hand(sender, key, where.chain_id), where)
        # What a key that was exchanged since has sent needs no key to be followed.
        for old in Sender.objects.filter(role=role).exclude(pk=sender.pk):
            moved += following.follow(old, where) + sending.send(old)
    except (keys.MissingKey, keys.WrongPassword, rpc.RpcRefused) as error:
        logger.warning("The outbox of the %s waits: %s", role, error)
        return 0
    return moved


def _work(hand: signing.Hand, where: Deployment) -> int:
    steps: tuple[Callable[[], int], ...] = (
        lambda: following.follow(hand.sender, where),
        lambda: sending.send(hand.sender),
        lambda: signing.raise_fee(hand),
        lambda: signing.sign_waiting(hand),
        lambda: sending.send(hand.sender),
    )
    moved = 0
    for _round in range(ROUNDS):
        taken = sum(step() for step in steps)
        moved += taken
        if not taken:
            break
    return moved


def _said(call: abi.Call, args: Sequence[Any]) -> dict[str, Any]:
    return {
        "function": call.name,
        "args": json_values.of(list(args)),
        "data": call.encode(args),
    }


def _put(intent: str, **columns: Any) -> ChainTx:
    row, is_new = ChainTx.objects.get_or_create(intent=intent, defaults=columns)
    asked = ChainTx(**columns)
    if not is_new and _what(row) != _what(asked):
        raise IntentChanged(intent)
    return row


def _what(row: ChainTx) -> tuple[object, ...]:
    return row.role, row.to, bytes(row.data), row.value
