"""Short ways to ask the outbox for something, and to see what came of it."""

import time
from collections.abc import Sequence

from eth_account import Account

from wetube.chain import contracts, keys, outbox, reading, rpc
from wetube.chain.merkle import Tree
from wetube.chain.models import ChainEvent, ChainTx


class Died(BaseException):
    """The process was killed here; nothing in the product catches this."""


def stranger() -> str:
    """An address nobody has used before."""
    return str(Account.create().address)


def give(to: str, wei: int = 7, *, intent: str = "test:give") -> ChainTx:
    return outbox.give(intent, role="relayer", to=to, wei=wei)


def call(
    role: str, contract: str, function: str, args: Sequence[object], gas: int | None = None
) -> ChainTx:
    """The intent is named for the function."""
    return outbox.put(
        f"test:{function}", role=role, contract=contract, function=function, args=args, gas=gas
    )


def approve(drops: int) -> ChainTx:
    """A call that always works."""
    return call("poster", contracts.TOKEN, "approve", [keys.address("relayer"), drops])


def transfer(drops: int, *, to: str, gas: int | None = None) -> ChainTx:
    """A call that is refused: none of our roles holds coin."""
    return call("poster", contracts.TOKEN, "transfer", [to, drops], gas)


def allowance() -> int:
    owner, spender = keys.address("poster"), keys.address("relayer")
    return int(reading.call(contracts.TOKEN, "allowance", owner, spender))


def sent_by(role: str) -> int:
    """Transactions of the role that are in blocks."""
    return int(rpc.ask("eth_getTransactionCount", [keys.address(role), "latest"]), 16)


def now(intent: str) -> ChainTx:
    return ChainTx.objects.get(intent=intent)


def mined(intent: str, seconds: float = 20) -> ChainTx:
    """Pump until it is in a block: a chain may have it in one a moment after it took it."""
    until = time.monotonic() + seconds
    while True:
        outbox.pump()
        row = now(intent)
        if row.state == ChainTx.State.MINED:
            return row
        assert time.monotonic() < until, row
        time.sleep(0.05)


def pay_out(drops: int = 9) -> str:
    """Somebody is paid by the vault: three events. Their address."""
    somebody = stranger()
    tree = Tree([(somebody, drops)])
    call("poster", contracts.VAULT, "post", [1, tree.root, drops])
    call("relayer", contracts.VAULT, "claim", [somebody, drops, []])
    assert outbox.wait("test:claim", 20).state == "final"
    return somebody


def paid() -> int:
    return ChainEvent.objects.standing().filter(name="Paid").count()
