"""What people and workers do on a chain, in one word each."""

import time
from collections.abc import Callable

from eth_account.signers.local import LocalAccount

from tests.chains.servers import TestChain
from wetube.chain import contracts, deployment, events, outbox
from wetube.settlement import (
    following,
)

__all__ = ["call", "until", "wallet", "work"]

WITHIN = 30.0


def work() -> int:
    """What beat does all the time; how many steps were taken."""
    return outbox.pump() + events.sync() + following.follow()


def until(done: Callable[[], object]) -> None:
    """Work until it is so, or fail."""
    deadline = time.monotonic() + WITHIN
    while not done():
        assert time.monotonic() < deadline, "it did not come"
        if not work():
            time.sleep(0.05)


def idle() -> None:
    """Work until there is nothing to do."""
    deadline = time.monotonic() + WITHIN
    while work() or outbox.pump():
        assert time.monotonic() < deadline


def wallet(chain: TestChain) -> LocalAccount:
    """A new wallet with gas money."""
    return chain.somebody()


def call(chain: TestChain, who: LocalAccount, contract: str, function: str, *args: object) -> str:
    """One call by a person's own wallet, mined; the transaction's hash."""
    place = deployment.required()
    data = contracts.call(contract, function, len(args)).encode(args)
    receipt = chain.send(who, to=place.address_of(contract), data=data)
    assert receipt["status"] == "0x1", f"{function} was refused"
    return str(receipt["transactionHash"])
