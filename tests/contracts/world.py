"""Everything deployed once: the coin, its mint, a vault, and the channels at their addresses."""

from dataclasses import dataclass
from functools import cache
from typing import cast

from tests.contracts.contract import Contract, Runs, code_of
from tests.contracts.machine import BEGINNING, Machine, Saved
from tests.contracts.signing import Person, person

CHANNELS = bytes.fromhex("4020074e9dF2ce1deE5A9C1b5c3f541D02a10003")
COLLECTOR = bytes.fromhex("4020806089470a89826cB9fB1f4059150b550004")
MULTICALL = bytes.fromhex("cA11bde05977b3631167028862bE2a173976CA11")
GENESIS = {CHANNELS: "BatchSettlement", COLLECTOR: "DepositCollector", MULTICALL: "Multicall"}

CLD = 10**8  # drops
REWARD = 50 * CLD
EPOCH = 600  # seconds
HALVING = 210_000  # epochs

MAKER = person(1)
POSTER = person(2)
WITNESSES = tuple(person(10 + number) for number in range(3))
THRESHOLD = 2
CHALLENGE = 3600
PEOPLE = tuple(person(100 + number) for number in range(6))
ANN, BOB, SESSION, AUTHORIZER, *_ = PEOPLE
STRANGER = person(99)
RELAYER = STRANGER.address


@dataclass(frozen=True)
class World:
    machine: Machine
    coin: Contract
    mint: Contract
    vault: Contract
    channels: Contract
    collector: Contract
    multicall: Contract

    def balance(self, who: bytes) -> int:
        return int(self.coin.ask("balanceOf", who))

    def give(self, who: bytes, amount: int) -> None:
        """Coin for somebody, from the mint's first coin, which the maker holds."""
        self.coin.send(MAKER.address, "transfer", who, amount)


def deploy(
    machine: Runs, *, start: int, challenge: int = 0, witnesses: tuple[Person, ...] = WITNESSES
) -> tuple[Contract, Contract]:
    """The coin and its mint. The coin names the mint before it is there: one transaction ahead."""
    maker = MAKER.address
    coin = Contract.make(machine, maker, "Cloudcoin", machine.next_address(maker, 1))
    mint = Contract.make(
        machine, maker, "CloudMint", coin.address, [w.address for w in witnesses],
        THRESHOLD, start, REWARD, challenge,
    )  # fmt: skip
    return coin, mint


def world(*, challenge: int = 0) -> World:
    """Each the same: the mint's first 1 000 epochs are over and there is no coin yet."""
    saved, places = _first_day(challenge)
    machine = Machine(saved)
    return World(machine, *(Contract(machine, name, place) for name, place in places))


def world_on(chain: Runs, *, start: int) -> World:
    """The same on a real chain, where the channels stand already. It has no `put` and no `save`."""
    coin, mint = deploy(chain, start=start)
    vault = Contract.make(chain, MAKER.address, "GatewayVault", coin.address, POSTER.address)
    standing = (Contract(chain, name, address) for address, name in GENESIS.items())
    return World(cast("Machine", chain), coin, mint, vault, *standing)


@cache
def _first_day(challenge: int) -> tuple[Saved, tuple[tuple[str, bytes], ...]]:
    machine = Machine()
    machine.put({address: code_of(name) for address, name in GENESIS.items()})
    coin, mint = deploy(machine, start=BEGINNING - 1000 * EPOCH, challenge=challenge)
    vault = Contract.make(machine, MAKER.address, "GatewayVault", coin.address, POSTER.address)
    made = [(contract.name, contract.address) for contract in (coin, mint, vault)]
    standing = [(name, address) for address, name in GENESIS.items()]
    return machine.save(), (*made, *standing)
