"""Coin out of a wallet of one's own: signed in the page, brought to the chain by this gateway."""

from collections.abc import Mapping
from typing import Any

from django.core.cache import cache

from wetube.chain import contracts, deployment, keys, outbox, reading
from wetube.chain.models import ChainTx
from wetube.cloudcoin.amounts import coins
from wetube.people.models import User
from wetube.wallet import authorizations
from wetube.wallet.refusals import ChainRefused, NoChain, TooLittle, TooOften

LEAST = 10**6  # drops; less is not worth the fee
MOST_A_DAY = 20
ROLE = "relayer"
DAY = 24 * 3600


def ask(user: User, said: Mapping[str, Any]) -> ChainTx:
    """Have the chain move what its owner signed; the same signature twice is one move.

    Raises NoChain, Garbled, TooLittle, TooOften, ChainRefused and ChainAway: then nothing was sent.
    """
    place = deployment.current()
    if place is None:
        raise NoChain
    wanted = authorizations.transfer(said)
    if wanted.amount < LEAST:
        raise TooLittle(coins(LEAST))
    intent = f"sending:{wanted.sender}:{wanted.nonce.hex()}"
    made = ChainTx.objects.filter(intent=intent).first()
    if made:
        return made
    _bound(user)
    function = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
    args = [
        wanted.sender,
        wanted.to,
        wanted.amount,
        wanted.valid_after,
        wanted.valid_before,
        wanted.nonce,
        wanted.signature,
    ]
    data = contracts.call(contracts.TOKEN, function, len(args)).encode(args)
    try:
        reading.simulate(place.token, data, sender=keys.address(ROLE))
    except reading.Reverted as error:
        raise ChainRefused from error
    return outbox.put(intent, role=ROLE, contract=contracts.TOKEN, function=function, args=args)


def _bound(user: User) -> None:
    """Counted in the cache: a day's grace more or less costs nobody coin."""
    slot = f"sendings:{user.key}"
    cache.add(slot, 0, timeout=DAY)
    if cache.incr(slot) > MOST_A_DAY:
        raise TooOften
