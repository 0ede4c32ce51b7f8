"""What a check of the books says, and from where on it has to look."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wetube.cloudcoin.models import FIRST_HASH


@dataclass(frozen=True)
class Broken:
    """One row for which an invariant does not hold."""

    invariant: str
    row: str
    finding: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.row}: {self.finding}"


@dataclass(frozen=True)
class Since:
    """Up to where the books were found right before; nothing given is from the first journal on.

    `journal`, `charge` and `rollup` are the last ids looked at, `head` and `journals` the hash
    chain's end there, `balances` what the accounts held, by id, in drops.
    """

    journal: int = 0
    charge: int = 0
    rollup: int = 0
    journals: int = 0
    head: str = FIRST_HASH
    balances: Mapping[int, int] = field(default_factory=dict)
