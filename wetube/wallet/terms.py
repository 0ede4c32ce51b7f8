"""What a page must know of the chain to sign for it, named as in static/js/wallet/channel.js."""

from typing import TypedDict

from django.conf import settings

from wetube.chain import deployment, keys
from wetube.chain.models import Deployment
from wetube.wire.terms import COIN, WITHDRAW_DELAY


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
        "tokenName": COIN["name"],
        "tokenVersion": COIN["version"],
        "receiver": place.vault,
        "receiverAuthorizer": keys.address("authorizer"),
        "withdrawDelay": WITHDRAW_DELAY,
    }


def rpc_url() -> str:
    """The gateway's read-only door to the chain."""
    return f"{settings.GATEWAY_URL}/rpc"
