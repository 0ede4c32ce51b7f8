"""Whether contracts at given addresses are ours: their code, and what was built into them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from wetube.chain import contracts, keys, reading, rpc
from wetube.chain.models import Deployment
from wetube.cloudchain import artifacts


class NotOurs(Exception):
    """At an address stands not the contract that should; the message says which and why."""


@dataclass(frozen=True)
class Fact:
    """One thing that must be so, in words, and whether it is."""

    contract: str
    words: str
    holds: Callable[[], bool]


def assert_ours(where: Deployment, names: Collection[str]) -> None:
    """Code and immutables of these contracts, and that our keys may do their work on them.

    Raises NotOurs and ChainAway.
    """
    for name in names:
        _assert_code(name, where.address_of(name))
    for fact in _facts(where):
        if fact.contract in names and not fact.holds():
            raise NotOurs(f"{fact.contract} {where.address_of(fact.contract)}: {fact.words}.")


def has_code(address: str, *, block: int | None = None) -> bool:
    return len(_code(address, block)) > 0


def _assert_code(name: str, address: str) -> None:
    """At canonical addresses of a public chain stands other code of the same interface."""
    found = _code(address, None)
    if not found:
        raise NotOurs(f"There is no contract at {address}, where {name} should be.")
    if name in (contracts.CHANNELS, contracts.COLLECTOR):
        return
    if not _is_like(found, artifacts.load(name).runtime):
        raise NotOurs(f"The code at {address} is not that of {name}.")


def _is_like(found: bytes, ours: bytes) -> bool:
    """The same but for immutables, for which the compiler leaves words of zeros."""
    return len(found) == len(ours) and all(
        mine in (theirs, 0) for theirs, mine in zip(found, ours, strict=True)
    )


def _facts(where: Deployment) -> list[Fact]:
    def answers(name: str, function: str) -> object:
        return reading.at(where.address_of(name), name, function)

    token, mint, vault = contracts.TOKEN, contracts.MINT, contracts.VAULT
    poster = keys.address("poster")
    return [
        Fact(token, "its minter is another", lambda: answers(token, "minter") == where.mint),
        Fact(mint, "it mints another coin", lambda: answers(mint, "token") == where.token),
        Fact(vault, "it holds another coin", lambda: answers(vault, "token") == where.token),
        Fact(
            vault,
            f"its poster is not our key {poster}",
            lambda: answers(vault, "poster") == poster,
        ),
    ]


def _code(address: str, block: int | None) -> bytes:
    return bytes.fromhex(str(rpc.ask("eth_getCode", [address, reading.tag(block)]))[2:])
