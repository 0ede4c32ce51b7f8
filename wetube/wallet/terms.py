"""What a page must know of the chain to sign for it, named as in static/js/wallet/channel.js."""

from typing import TypedDict

from django.conf import settings

from wetube.chain import deployment, keys
from wetube.chain.models import Deployment

# EIP-712 names the coin by these; they stand in the contract (contracts/Cloudcoin.sol).
COIN_NAME, COIN_VERSION = "Cloudcoin", "1"
WITHDRAW_DELAY = 24 * 3600  # seconds a payer waits who takes coin back without us


class Terms(TypedDict):
    """The parts a channel's configuration shares with every other of this gateway's."""

    chainId: int
    token: str
    tokenName: str
    tokenVersion: str
    receiver: str
    receiverAuthorizer: str
    withdrawDelay: int


def current() -> Terms | None:
    """None while this gateway has no chain."""
    place = deployment.current()
    return of(place) if place else None


def of(place: Deployment) -> Terms:
    """Raises MissingKey if the gateway's keys were taken away."""
    return {
        "chainId": place.chain_id,
        "token": place.token,
        "tokenName": COIN_NAME,
        "tokenVersion": COIN_VERSION,
        "receiver": place.vault,
        "receiverAuthorizer": keys.address("authorizer"),
        "withdrawDelay": WITHDRAW_DELAY,
    }


def rpc_url() -> str:
    """The gateway's read-only door to the chain."""
    return f"{settings.GATEWAY_URL}/rpc"
