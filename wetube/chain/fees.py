"""What a transaction may cost: EIP-1559 where the chain has a base fee, a plain price elsewhere.

All figures are wei per unit of gas. What is offered never exceeds MAX_GAS_PRICE_GWEI.
"""

from dataclasses import dataclass

from django.conf import settings

from wetube.chain import rpc

# A node throws out the old form only for one that pays at least a tenth more (geth, reth, anvil).
RAISE_PERCENT = 25
USUAL_TIP = 10**9


class TooDear(Exception):
    """Gas costs more than we are willing to pay; what waits goes on waiting."""

    def __init__(self, price: int) -> None:
        super().__init__(f"Gas costs {price / 10**9:.1f} gwei, more than MAX_GAS_PRICE_GWEI.")


@dataclass(frozen=True)
class Fee:
    """`most` includes `tip`; a `legacy` chain knows only one price."""

    most: int
    tip: int = 0
    legacy: bool = False

    def words(self) -> dict[str, int]:
        """As a transaction to be signed names them."""
        if self.legacy:
            return {"gasPrice": self.most}
        return {"type": 2, "maxFeePerGas": self.most, "maxPriorityFeePerGas": self.tip}


def current() -> Fee:
    """Enough for some blocks of rising prices; raises TooDear and ChainAway."""
    base = rpc.ask("eth_getBlockByNumber", ["latest", False]).get("baseFeePerGas")
    if base is None:
        return _capped(_price() * 5 // 4, 0, legacy=True)
    tip = min(_tip(), ceiling())
    if int(base, 16) + tip > ceiling():
        raise TooDear(int(base, 16) + tip)
    return _capped(2 * int(base, 16) + tip, tip, legacy=False)


def raised(now: Fee, *, most: int, tip: int) -> Fee:
    """What takes the place of a form that offered `most` and `tip`; raises TooDear."""
    factor = 100 + RAISE_PERCENT
    higher = Fee(
        max(now.most, most * factor // 100 + 1),
        0 if now.legacy else max(now.tip, tip * factor // 100 + 1),
        legacy=now.legacy,
    )
    if higher.most > ceiling():
        raise TooDear(higher.most)
    return higher


def ceiling() -> int:
    return int(settings.MAX_GAS_PRICE_GWEI) * 10**9


def _capped(most: int, tip: int, *, legacy: bool) -> Fee:
    if legacy and most > ceiling():
        raise TooDear(most)
    return Fee(min(most, ceiling()), tip, legacy=legacy)


def _price() -> int:
    return int(rpc.ask("eth_gasPrice"), 16)


def _tip() -> int:
    try:
        return int(rpc.ask("eth_maxPriorityFeePerGas"), 16)
    except rpc.RpcRefused:  # not every node has this call
        return USUAL_TIP
