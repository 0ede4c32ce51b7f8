"""Claiming: what signed tabs owe is collected on chain, many channels by one transaction.

Every line is tried by a call that changes nothing, halves of halves where one spoils the rest;
a line the contract refuses alone is quarantined with its reason, and tried again later.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from wetube.chain import deployment, keys, outbox, reading
from wetube.chain.contracts import CHANNELS, call
from wetube.chain.models import ChainTx
from wetube.chain.reading import Reverted
from wetube.chain.rpc import WORKERS_SECONDS, ChainAway, patience
from wetube.cloudcoin import ledger
from wetube.settlement import claimable
from wetube.settlement.claimable import Line
from wetube.settlement.models import ClaimRow, ClaimRun

logger = logging.getLogger(__name__)

MOST_TRIALS = 40
QUARANTINE = timedelta(hours=6)


def claim() -> ClaimRun | None:
    """Claim of the channels whose turn it is, at most a hundred; None if there is nothing to do.

    Safe to run twice, and twice at once. A chain that is away leaves everything as it is.
    """
    if deployment.current() is None:
        return None
    end_runs()
    lines = claimable.lines()
    if not lines:
        return None
    try:
        reading.head()  # a node that is frozen shows it here, before we are patient with it
        good = _tried(lines, _Trials())
        return _send(good) if good else None
    except ChainAway as away:
        logger.info("Claiming waits for the chain: %s", away.why)
        return None


def end_runs() -> None:
    """Let go of runs the chain has decided on; `Claimed` events say what they brought."""
    for run in ClaimRun.objects.filter(ended=False):
        tx = ChainTx.objects.filter(intent=run.intent).first()
        if tx and tx.is_over:
            failed = tx.state != ChainTx.State.FINAL
            ClaimRun.objects.filter(pk=run.pk).update(ended=True, failed=failed)


class _Trials:
    """How many calls one run may still make to find the bad lines."""

    def __init__(self) -> None:
        self.left = MOST_TRIALS


def _tried(lines: Sequence[Line], trials: _Trials) -> list[Line]:
    """Those the contract would take together. Raises ChainAway.

    When the trials are used up, what was not tried is left for the next run.
    """
    if not trials.left:
        return []
    trials.left -= 1
    try:
        _simulate(lines)
    except Reverted as refusal:
        if len(lines) == 1:
            _quarantine(lines[0], str(refusal))
            return []
        middle = len(lines) // 2
        return _tried(lines[:middle], trials) + _tried(lines[middle:], trials)
    return list(lines)


def _simulate(lines: Sequence[Line]) -> None:
    """As the authorizer itself would claim; raises Reverted and ChainAway."""
    data = call(CHANNELS, "claim", 1).encode([_words(lines)])
    where = deployment.required().address_of(CHANNELS)
    with patience(WORKERS_SECONDS):  # a hundred signatures are seconds of work on our own chain
        reading.simulate(where, data, sender=keys.address("authorizer"))


def _send(lines: Sequence[Line]) -> ClaimRun | None:
    """Sign the batch and put it in the outbox. Raises ChainAway; None if another was first."""
    words = _words(lines)
    digest = reading.call(CHANNELS, "getClaimBatchDigest", words)
    signature = keys.account("authorizer").unsafe_sign_hash(digest).signature
    return _keep(lines, [words, bytes(signature)])


@transaction.atomic
def _keep(lines: Sequence[Line], args: list[Any]) -> ClaimRun | None:
    ledger.open_book()
    taken = ClaimRow.objects.filter(run__ended=False, escrow__in=[line.escrow.pk for line in lines])
    if taken.exists():
        return None
    intent = f"claim:{ClaimRun.objects.count() + 1}"
    run = ClaimRun.objects.create(intent=intent)
    ClaimRow.objects.bulk_create(
        [ClaimRow(run=run, escrow=line.escrow, total=line.total) for line in lines]
    )
    outbox.put(intent, role="relayer", contract=CHANNELS, function="claimWithSignature", args=args)
    logger.info("Claiming of %d channels", len(lines))
    return run


def _quarantine(line: Line, reason: str) -> None:
    logger.warning("Channel %s is quarantined: %s", line.escrow.channel, reason)
    ClaimRow.objects.update_or_create(
        escrow=line.escrow,
        run=None,
        defaults={
            "total": line.total,
            "reason": reason[:200],
            "at": timezone.now(),
            "again_at": timezone.now() + QUARANTINE,
        },
    )


def _words(lines: Sequence[Line]) -> list[Mapping[str, Any]]:
    """The lines as the contract's `VoucherClaim`s."""
    return [
        {
            "voucher": {
                "channel": line.escrow.config,
                "maxClaimableAmount": line.escrow.signed,
            },
            "signature": bytes(line.escrow.signature),
            "totalClaimed": line.total,
        }
        for line in lines
    ]
