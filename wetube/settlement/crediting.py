"""Crediting: every event of the chain is answered by the books, once, and taken back with it.

An event is seen, becomes final, or goes; each step is one transaction that also says how far we
are, so a worker that dies in between changes nothing, and two at once meet at the row.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import Max, Q

from wetube.chain import deployment
from wetube.chain.models import ChainEvent
from wetube.cloudcoin import ledger
from wetube.cloudcoin.refusals import ChargeRefused
from wetube.core.states import TransitionRefused
from wetube.settlement import channels, minted, transfers, vault
from wetube.settlement.models import Credited

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 2000
# How many blocks back a chain may take back what was final.
REACH = 1000
CANNOT = (ChargeRefused, DatabaseError, TransitionRefused, ValueError, LookupError)
Stage = Credited.Stage
FRESH = (Stage.NEW, Stage.GONE)


def nothing(event: ChainEvent) -> None:
    """This step of this event moves no coin."""


@dataclass(frozen=True)
class Answer:
    """What the books do when an event is seen, when it is final, and when it goes after that.

    `stuck` is done when one of them is refused, and stands though the rest is undone.
    """

    seen: Callable[[ChainEvent], None] = nothing
    final: Callable[[ChainEvent], None] = nothing
    gone: Callable[[ChainEvent], None] = nothing
    stuck: Callable[[ChainEvent], None] = nothing


ANSWERS = {
    ("Cloudcoin", "Transfer"): Answer(final=transfers.came, gone=transfers.went),
    ("BatchSettlement", "ChannelCreated"): Answer(seen=channels.opened),
    ("BatchSettlement", "Deposited"): Answer(
        channels.deposit_seen,
        channels.deposit_final,
        channels.deposit_gone,
        channels.deposit_stuck,
    ),
    ("BatchSettlement", "Claimed"): Answer(seen=channels.claimed, gone=channels.claim_gone),
    ("BatchSettlement", "Settled"): Answer(final=channels.settled, gone=channels.settle_gone),
    ("BatchSettlement", "Refunded"): Answer(
        channels.coin_leaving, channels.coin_left, channels.coin_back
    ),
    ("BatchSettlement", "WithdrawInitiated"): Answer(
        seen=channels.withdrawal_begun, gone=channels.withdrawal_gone
    ),
    ("BatchSettlement", "WithdrawFinalized"): Answer(
        channels.coin_leaving, channels.coin_left, channels.coin_back
    ),
    ("GatewayVault", "Posted"): Answer(final=vault.posted, gone=vault.post_gone),
    ("GatewayVault", "Paid"): Answer(final=vault.paid, gone=vault.payment_gone),
    ("CloudMint", "Posted"): Answer(final=minted.posted, gone=minted.post_gone),
    ("CloudMint", "Claimed"): Answer(final=minted.claimed, gone=minted.claim_gone),
}


def credit() -> int:
    """Answer what the chain has newly said, or taken back; returns how many steps were made."""
    if deployment.current() is None:
        return 0
    _take_in()
    # What went is answered first: a transaction that moved to another block may be in both.
    return sum(_step(pk) for pk in [*_gone(), *_standing()])


def is_behind() -> bool:
    """Whether something the chain said waits to be answered, or could not be."""
    waits = (
        Q(stage__in=FRESH, event__canonical=True)
        | Q(stage=Stage.SEEN, event__final=True)
        | ~Q(error="")
    )
    if Credited.objects.filter(waits).exists():
        return True
    last = Credited.objects.aggregate(last=Max("event"))["last"] or 0
    return ChainEvent.objects.filter(pk__gt=last).exists()


def _take_in() -> None:
    """A row for every event we have not looked at yet."""
    last = Credited.objects.aggregate(last=Max("event"))["last"] or 0
    fresh = ChainEvent.objects.filter(pk__gt=last).order_by("pk")[:MOST_AT_ONCE]
    Credited.objects.bulk_create([Credited(event=event) for event in fresh], ignore_conflicts=True)


def _gone() -> Iterator[int]:
    """Events the chain has taken back and the books have not, newest first."""
    newest = ChainEvent.objects.aggregate(newest=Max("block_number"))["newest"] or 0
    gone = ChainEvent.objects.filter(canonical=False, block_number__gt=newest - REACH)
    answered = gone.exclude(credited=None).exclude(credited__stage=Stage.GONE)
    yield from answered.order_by("-pk").values_list("pk", flat=True)[:MOST_AT_ONCE]


def _standing() -> Iterator[int]:
    """Events with a step to go, oldest first; a block that was taken back may return, too."""
    standing = Credited.objects.filter(event__canonical=True)
    due = Q(stage__in=FRESH) | Q(stage=Stage.SEEN, event__final=True)
    unfinished = standing.filter(stage__in=(*FRESH, Stage.SEEN))
    waiting = unfinished.filter(due).order_by("event")
    yield from waiting.values_list("event", flat=True)[:MOST_AT_ONCE]


def _step(pk: int) -> int:
    """How many steps it went; what cannot be answered now says why and is tried again.

    To be seen and to be final are two steps even for what is final at first sight: an escrow
    stays frozen when what follows cannot be paid.
    """
    steps = 0
    try:
        while _answer(pk):
            steps += 1
    except CANNOT as error:
        logger.warning("Event %s is not answered: %s", pk, error)
        Credited.objects.filter(event=pk).update(error=f"{type(error).__name__}: {error}"[:300])
        event = ChainEvent.objects.get(pk=pk)
        _answer_to(event).stuck(event)
    return steps


@transaction.atomic
def _answer(pk: int) -> bool:
    """One step; False if there is none to go."""
    ledger.open_book()
    row = Credited.objects.select_related("event").get(event=pk)
    answer = _answer_to(row.event)
    stage = _go_on(row, answer) if row.event.canonical else _take_back(row, answer)
    Credited.objects.filter(pk=row.pk).update(stage=stage, error="")
    return stage != row.stage


def _answer_to(event: ChainEvent) -> Answer:
    return ANSWERS.get((event.contract, event.name), Answer())


def _go_on(row: Credited, answer: Answer) -> str:
    if row.stage in FRESH:
        answer.seen(row.event)
        return Stage.SEEN
    if row.stage == Stage.SEEN and row.event.final:
        answer.final(row.event)
        return Stage.FINAL
    return row.stage


def _take_back(row: Credited, answer: Answer) -> str:
    """The same transaction may be in another block by now, at the same place: that goes on."""
    moved = ChainEvent.objects.standing().filter(
        tx_hash=row.event.tx_hash, log_index=row.event.log_index, name=row.event.name
    )
    event = moved.first()
    if row.stage == Stage.GONE:
        return Stage.GONE
    if event:
        heir, _ = Credited.objects.get_or_create(event=event)
        Credited.objects.filter(pk=heir.pk, stage__in=FRESH).update(stage=row.stage)
    elif row.stage != Stage.NEW:
        answer.gone(row.event)
    return Stage.GONE
