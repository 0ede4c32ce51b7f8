"""Locking coin behind a tab, and saying whose tab it is.

The payer signs once; this gateway brings the signature to the chain and pays the fee.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from wetube.chain import contracts, deployment, keys, outbox, reading, vouchers
from wetube.chain.models import Deployment
from wetube.cloudcoin import escrows
from wetube.cloudcoin.amounts import coins
from wetube.cloudcoin.models import Escrow
from wetube.people.models import User
from wetube.wallet import authorizations, proofs, terms
from wetube.wallet.authorizations import Deposit
from wetube.wallet.models import Locking
from wetube.wallet.refusals import ChainRefused, Garbled, NoChain, OtherTerms, TooLittle, TooOften

LEAST = 10**6  # drops; less is not worth the fee
MOST_A_DAY = 20
ROLE = "relayer"
Config = Mapping[str, Any]


def ask(user: User, *, config: Config, deposit: Mapping[str, Any], proof: str) -> Locking:
    """Have the chain lock what the payer signed; the same signature twice is one locking.

    Raises NoChain, OtherTerms, NotYours, Garbled, TooLittle, TooOften, ChainRefused and
    ChainAway: then nothing was sent.
    """
    place = _place()
    channel = checked(config, place)
    proofs.require(user, channel, config, proof)
    wanted = authorizations.deposit(deposit)
    intent = f"locking:{channel}:{wanted.salt.hex()}"
    made = Locking.objects.filter(intent=intent).first()
    if made:
        return made
    if wanted.amount < LEAST:
        raise TooLittle(coins(LEAST))
    _bound(user)
    args = _arguments(config, wanted, place)
    _try_out(place, args)
    return _ask(user, channel, config, wanted, (intent, args))


def adopt(user: User, *, config: Config, proof: str) -> Escrow:
    """Say that the tab is this person's: it is in their history from now on.

    Raises NoChain, OtherTerms and NotYours.
    """
    channel = checked(config, _place())
    proofs.require(user, channel, config, proof)
    escrow = escrows.opened(channel, dict(config))
    escrows.adopt(escrow, user)
    return escrow


def checked(config: Config, place: Deployment) -> str:
    """The id of this gateway's channel with this configuration; raises OtherTerms."""
    ours = terms.of(place)
    names = ("token", "receiver", "receiverAuthorizer", "withdrawDelay")
    if any(str(config.get(name)).lower() != str(ours[name]).lower() for name in names):  # type: ignore[literal-required]
        raise OtherTerms
    try:
        return f"0x{vouchers.channel_id(config, place.chain_id).hex()}"
    except vouchers.BadConfig as error:
        raise Garbled from error


def _place() -> Deployment:
    place = deployment.current()
    if place is None:
        raise NoChain
    return place


def _bound(user: User) -> None:
    today = timezone.now() - timedelta(days=1)
    mine = Locking.objects.filter(escrow__tab__account__owner=user, asked_at__gt=today)
    if mine.count() >= MOST_A_DAY:
        raise TooOften


def _arguments(config: Config, wanted: Deposit, place: Deployment) -> list[Any]:
    """What `deposit` of the channels' contract takes."""
    salt = bytes.fromhex(str(config["salt"]).removeprefix("0x"))
    channel = {**config, "withdrawDelay": int(config["withdrawDelay"]), "salt": salt}
    return [channel, wanted.amount, place.collector, wanted.collector_data()]


def _try_out(place: Deployment, args: list[Any]) -> None:
    data = contracts.call(contracts.CHANNELS, "deposit", len(args)).encode(args)
    try:
        reading.simulate(place.channels, data, sender=keys.address(ROLE))
    except reading.Reverted as error:
        raise ChainRefused from error


@transaction.atomic
def _ask(
    user: User, channel: str, config: Config, wanted: Deposit, sent: tuple[str, list[Any]]
) -> Locking:
    intent, args = sent
    escrow = escrows.opened(channel, dict(config))
    escrows.adopt(escrow, user)
    outbox.put(intent, role=ROLE, contract=contracts.CHANNELS, function="deposit", args=args)
    return Locking.objects.get_or_create(
        intent=intent, defaults={"escrow": escrow, "amount": wanted.amount}
    )[0]
