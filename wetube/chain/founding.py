"""`cloudcoin init`: keys, gas money, contracts made or adopted, an opening fund.

May be killed anywhere, and run again at will.
"""

import time
from collections.abc import Callable

from django.conf import settings
from django.utils import timezone

from wetube.chain import adopting, contracts, deployment, gas, keys, opening, outbox, planning, rpc
from wetube.chain.models import ChainTx, Deployment
from wetube.chain.planning import Wishes

# Thirty days of epochs: 216 000 CLD.
OPENING_EPOCHS = 4_320
CONFIRMATIONS_ELSEWHERE = 12
NODE_STARTS_WITHIN = 30.0
CHAIN_WORKS_WITHIN = 120.0
ATTEMPTS = 3

Say = Callable[[str], object]


class NoChain(Exception):
    """CLOUDCOIN_RPC names no chain."""

    def __init__(self) -> None:
        super().__init__("CLOUDCOIN_RPC names no chain; there is nothing to found a coin on.")


class CannotFound(Exception):
    """The contracts could not be made, or others are in use; the message says why."""


def found(wishes: Wishes, say: Say) -> Deployment:
    """The deployment, ready for use. What was done before is not done again.

    Raises NoChain, ChainAway, WrongChain, BadWishes, NeedsGasMoney, NotOurs, StillPending,
    CannotFound and OpeningFailed; whatever it is, it can be run again.
    """
    if not settings.CLOUDCOIN_RPC:
        raise NoChain
    wishes.check()
    chain_id, genesis = _identity_soon()
    where = Deployment.objects.first()
    if where is not None:
        _assert_same(where, wishes, chain_id, genesis)
    for role in keys.ROLES:
        if keys.create(role):
            say(f"Made a key for the {role}: {keys.address(role)}")
    gas.fill(chain_id)
    place = planning.Place(chain_id, genesis, confirmations())
    where = where or planning.plan(wishes, place, attempt=0)
    if where.ready_at is None:
        where = _make(where, wishes, place)
        say(f"The coin is {where.token} on chain {chain_id}.")
        # Before anybody may use the mint: whoever posts its next root counts on this one.
        _open(where, wishes, say)
        Deployment.objects.filter(pk=where.pk).update(ready_at=timezone.now())
    Deployment.objects.filter(pk=where.pk).update(confirmations=place.confirmations)
    gas.share()
    outbox.pump()
    return Deployment.objects.get(pk=where.pk)


def confirmations() -> int:
    """Blocks until something counts as final: as set, else by the kind of chain."""
    by_kind = 1 if gas.is_embedded() else CONFIRMATIONS_ELSEWHERE
    return settings.CLOUDCOIN_CONFIRMATIONS or by_kind


def usual_opening() -> int:
    """Epochs over when a new mint begins: some on our own chain, none where coin is worth money."""
    return OPENING_EPOCHS if gas.faucet() else 0


def _identity_soon() -> tuple[int, str]:
    """A node that starts together with us may take a moment; raises ChainAway."""
    until = time.monotonic() + NODE_STARTS_WITHIN
    while True:
        try:
            return deployment.identity()
        except rpc.ChainAway:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)
            rpc.breaker_of(settings.CLOUDCOIN_RPC).worked()


def _assert_same(where: Deployment, wishes: Wishes, chain_id: int, genesis: str) -> None:
    deployment.assert_same(where, chain_id, genesis)
    for given, used in (
        (wishes.token, where.token),
        (wishes.mint, where.mint),
        (wishes.vault, where.vault),
    ):
        if given and given.lower() != used.lower():
            raise CannotFound(f"This gateway works with {used} already, not with {given}.")


def _make(where: Deployment, wishes: Wishes, place: planning.Place) -> Deployment:
    """Wait for the contracts asked for; plan anew when others took their nonces."""
    for attempt in range(where.attempt, where.attempt + ATTEMPTS):
        if attempt > where.attempt:
            where = planning.plan(wishes, place, attempt)
        rows = [outbox.wait(row.intent, CHAIN_WORKS_WITHIN) for row in planning.made_by_us(where)]
        if any(row.state == ChainTx.State.REPLACED for row in rows):
            continue  # what hangs on that address has failed, too
        failed = [row for row in rows if row.state == ChainTx.State.FAILED]
        if failed:
            raise CannotFound(f"{failed[0].contract} could not be made: {failed[0].error}")
        adopting.assert_ours(where, contracts.NAMES)
        return where
    raise CannotFound("Another program uses the relayer's key; stop it and run this again.")


def _open(where: Deployment, wishes: Wishes, say: Say) -> None:
    """The opening fund, where we made the mint and it began before today."""
    asked = ChainTx.objects.filter(intent=opening.CLAIM)
    made_mint = any(row.contract == contracts.MINT for row in planning.made_by_us(where))
    if not asked.exists() and made_mint and wishes.opening_epochs:
        opening.ask(where, wishes.opening_epochs)
    claim = asked.first()
    if claim and not claim.is_over:
        opening.finish(CHAIN_WORKS_WITHIN)
        say("The opening fund is in the vault.")
