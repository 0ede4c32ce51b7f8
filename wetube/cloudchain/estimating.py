"""How much gas a message needs: run it with plenty, then close in on the least that is enough."""

from collections.abc import Callable

from wetube.cloudchain.evm import Outcome

CLOSE_ENOUGH = 0.015  # of the answer, as geth searches
STIPEND = 2_300  # a called contract gets it beyond what it needs, when value comes along
TRANSFER = 21_000


class Fails(Exception):
    """It fails with all the gas there is; `outcome` tells how."""

    def __init__(self, outcome: Outcome, most: int) -> None:
        super().__init__(
            f"gas required exceeds allowance ({most})" if outcome.out_of_gas else outcome.failure
        )
        self.outcome = outcome


def least_gas(run: Callable[[int], Outcome], *, most: int, plain: bool) -> int:
    """`run` tries the message with so much gas; `plain` says it carries no data to an address.

    Raises Fails.
    """
    if most < TRANSFER:
        raise Fails(_out_of_gas(), most)
    if plain and not run(TRANSFER).failure:
        return TRANSFER
    whole = run(most)
    if whole.failure:
        raise Fails(whole, most)
    low, high = whole.gas_used - 1, most
    hoped = (whole.gas_used + whole.refund + STIPEND) * 64 // 63  # a sixty-fourth stays behind
    trial = min(hoped, most - 1)
    while low + 1 < high and (high - low) / high > CLOSE_ENOUGH:
        if run(trial).failure:
            low = trial
        else:
            high = trial
        trial = min((low + high) // 2, low * 2)
    return high


def _out_of_gas() -> Outcome:
    return Outcome("out of gas", b"", 0, 0, (), None, b"")
