"""Whether a transaction is worth its gas, by what the operator says gas is worth."""

from django.conf import settings

from wetube.chain import rpc

WEI = 10**18
# What a transaction brings must be worth this many times its gas.
TIMES = 2


def gas_cost(gas: int) -> int:
    """What so much gas costs, in drops, rounded up; 0 where gas costs the operator nothing.

    DROPS_PER_GAS_COIN says what 10¹⁸ wei of the chain's own coin are worth. Raises ChainAway.
    """
    price = settings.DROPS_PER_GAS_COIN
    if not price:
        return 0
    wei = gas * int(rpc.ask("eth_gasPrice"), 16)
    return -(-wei * price // WEI)


def least(gas: int) -> int:
    """The fewest drops for which so much gas is well spent; at least one. Raises ChainAway."""
    return max(1, TIMES * gas_cost(gas))
