"""On which terms this gateway is paid: chain, coin, payee, and how x402 writes that down."""

from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async

from wetube.chain import deployment, keys
from wetube.wire.goods import Offer
from wetube.wire.lately import Lately
from wetube.wire.refusals import NoChain

VOUCHER, TRANSFER = "batch-settlement", "exact"
# EIP-712 names the coin by these; they stand in the contract (contracts/Cloudcoin.sol).
COIN = {"name": "Cloudcoin", "version": "1"}
WITHDRAW_DELAY = 24 * 3600  # seconds a payer waits who takes coin back without us
TIMEOUT = 300  # seconds a payer's authorization may be under way
DEPOSIT = 10  # prices: what we propose as a first deposit
FRESH = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Terms:
    """Addresses are written with their checksum; `network` is the chain's CAIP-2 name."""

    chain_id: int
    network: str
    token: str
    vault: str
    authorizer: str

    def accepts(self, offer: Offer) -> list[dict[str, Any]]:
        """What we take for it, as `PaymentRequirements` of x402 v2; what is cheapest first."""
        schemes = [VOUCHER, TRANSFER] if offer.by_voucher else [TRANSFER]
        return [self.requirements(scheme, offer.price) for scheme in schemes]

    def requirements(self, scheme: str, price: int) -> dict[str, Any]:
        extra: dict[str, Any] = {**COIN, "assetTransferMethod": "eip3009"}
        if scheme == VOUCHER:
            extra |= {
                "receiverAuthorizer": self.authorizer,
                "withdrawDelay": WITHDRAW_DELAY,
                "minDeposit": str(price * DEPOSIT),
            }
        return {
            "scheme": scheme,
            "network": self.network,
            "asset": self.token,
            "amount": str(price),
            "payTo": self.vault,
            "maxTimeoutSeconds": TIMEOUT,
            "extra": extra,
        }


class CurrentTerms:
    """The terms as they are now, asked of the database every few seconds."""

    def __init__(self) -> None:
        self._lately = Lately(_read, seconds=FRESH, most=1)

    async def get(self) -> Terms:
        """Raises NoChain."""
        return await self._lately.ask("")


def read() -> Terms:
    """Raises NoChain while the gateway has no coin on a chain, or no keys for it."""
    place = deployment.current()
    if place is None:
        raise NoChain
    try:
        authorizer = keys.address("authorizer")
    except keys.MissingKey as missing:
        raise NoChain from missing
    return Terms(place.chain_id, place.network, place.token, place.vault, authorizer)


async def _read(_key: str) -> Terms:
    return await database_sync_to_async(read)()
