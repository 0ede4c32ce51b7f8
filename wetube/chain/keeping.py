"""Which logs become rows, and writing them down together with the block they were read up to."""

from collections.abc import Sequence

from django.db import transaction

from wetube.chain import contracts
from wetube.chain.logs import Log
from wetube.chain.models import ChainEvent, Deployment, SeenBlock, Watched
from wetube.chain.topics import topic_of

ONE_QUERY = 500


class AnotherSync(Exception):
    """Another hand has gone on from the same block; what was read here is dropped."""


def newest() -> SeenBlock | None:
    """Where reading goes on."""
    return SeenBlock.objects.order_by("-number").first()


def keep(where: Deployment, base: SeenBlock | None, block: SeenBlock, logs: Sequence[Log]) -> int:
    """Write down `block` and what was logged since `base`; how many events are new.

    Raises AnotherSync when `base` is no longer the newest block.
    """
    with transaction.atomic():
        lock(where, base)
        block.save(force_insert=True)
        rows = [_row(log) for log in _worth_keeping(where, logs)]
        if not rows:
            return 0
        same_blocks = ChainEvent.objects.filter(block_hash__in={row.block_hash for row in rows})
        # A block that was taken back and returns brings its rows back to life.
        back = same_blocks.filter(canonical=False).update(canonical=True)
        known = same_blocks.count()
        ChainEvent.objects.bulk_create(rows, ignore_conflicts=True)
        return back + same_blocks.count() - known


def lock(where: Deployment, base: SeenBlock | None) -> None:
    """One hand at a time, inside a transaction; raises AnotherSync if it came too late."""
    Deployment.objects.select_for_update().get(pk=where.pk)
    last = newest()
    if (last and last.pk) != (base and base.pk):
        raise AnotherSync


def _row(log: Log) -> ChainEvent:
    return ChainEvent(
        block_number=log.block_number,
        block_hash=log.block_hash,
        log_index=log.log_index,
        tx_hash=log.tx_hash,
        contract=log.contract,
        name=log.name,
        args=log.args,
    )


def _worth_keeping(where: Deployment, logs: Sequence[Log]) -> list[Log]:
    """All of our mint and vault; of the coin and the channels what names somebody we watch.

    A channel that pays our vault is watched from the event on that makes it.
    """
    watched = _watched_of(logs) | {topic_of(where.vault)}
    kept = []
    for log in logs:
        if log.name == "ChannelCreated" and log.args["config"]["receiver"] == where.vault:
            watched |= log.topics
            for topic in log.topics:
                Watched.objects.get_or_create(topic=topic)
        ours = log.contract in (contracts.MINT, contracts.VAULT)
        if ours or (log.name not in ("Approval", "AuthorizationUsed") and log.topics & watched):
            kept.append(log)
    return kept


def _watched_of(logs: Sequence[Log]) -> set[str]:
    named = sorted(set().union(*(log.topics for log in logs)))
    watched: set[str] = set()
    for start in range(0, len(named), ONE_QUERY):
        some = named[start : start + ONE_QUERY]
        watched |= set(Watched.objects.filter(topic__in=some).values_list("topic", flat=True))
    return watched
