"""How random histories are told: many short ones, from one deployment each."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.contracts.contract import Contract
from tests.contracts.world import CLD, PEOPLE

SOME = settings(
    max_examples=10,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

CAST = PEOPLE[:3]

people = st.sampled_from([person.address for person in CAST])
amounts = st.one_of(st.integers(0, 5), st.integers(0, 8 * CLD))


def attempt(
    contract: Contract, error: str | None, sender: bytes, function: str, *arguments: Any
) -> bool:
    """Send it, or see it refused by that error with nothing changed; whether it was done."""
    if error is None:
        contract.send(sender, function, *arguments)
        return True
    with contract.refuses(error):
        contract.send(sender, function, *arguments)
    return False
