"""What happened on chain, kept as rows: each event once, and marked when the chain takes it back.

`sync` goes on from the newest block we have seen. Old blocks are read in wide ranges,
the newest ones one by one, each held against the hash of the one before. Consumers read
`ChainEvent` rows in order and act on each by its reference; nobody is called.
"""

import logging
from dataclasses import dataclass

from django.db import transaction

from wetube.chain import deployment, keeping, logs, reading, rpc
from wetube.chain.models import ChainEvent, Deployment, SeenBlock, Watched
from wetube.chain.topics import topic_of

logger = logging.getLogger(__name__)

# Blocks whose hashes we remember beyond those that may still change.
REMEMBERED = 128


@dataclass(frozen=True)
class Header:
    """A block as far as we care."""

    number: int
    hash: str
    parent: str


def watch(name: str) -> None:
    """Keep events that name this address, or this id of 32 bytes as 0x and digits, from now on."""
    Watched.objects.get_or_create(topic=topic_of(name))


def sync() -> int:
    """Read what the chain has done since; how many events are new, taken back, or final now.

    One question to the node when nothing happened. A chain that is away is logged.
    """
    where = deployment.current()
    if where is None:
        return 0
    try:
        deployment.assert_on(where)
        return _sync(where)
    except (rpc.ChainAway, rpc.RpcRefused, deployment.WrongChain) as error:
        logger.warning("Events wait: %s", error)
    except keeping.AnotherSync:
        logger.info("Another hand reads the chain")
    return 0


def lag(where: Deployment, head: int) -> int:
    """Blocks that the chain is ahead of what we have read."""
    last = keeping.newest()
    return head - (last.number if last else where.first_block - 1)


def _sync(where: Deployment) -> int:
    head = _header(None)
    last = keeping.newest()
    if head is None or (last and (last.number, last.hash) == (head.number, head.hash)):
        return 0
    if last and last.number > head.number and _is_only_behind(head):
        return 0
    changed = _take_back(where, head.number)
    changed += _read_old(where, upto=head.number - where.confirmations)
    changed += _read_new(where, upto=head.number)
    changed += _finish(upto=head.number - where.confirmations + 1)
    SeenBlock.objects.filter(number__lt=head.number - where.confirmations - REMEMBERED).delete()
    return changed


def _is_only_behind(head: Header) -> bool:
    """A node that knows less than we do, as one of several behind an address may, has no news."""
    common = SeenBlock.objects.filter(number__lte=head.number).order_by("-number").first()
    return common is not None and _hash_at(common.number, head.number) == common.hash


def _take_back(where: Deployment, head: int) -> int:
    """Forget blocks that are no longer on the chain, and mark their events.

    Where none of the blocks we remember is left, all is read anew from the first.
    """
    base = keeping.newest()
    parted = base
    while parted and _hash_at(parted.number, head) != parted.hash:
        parted = SeenBlock.objects.filter(number__lt=parted.number).order_by("-number").first()
    if parted == base:
        return 0
    after = parted.number if parted else where.first_block - 1
    logger.warning("The chain took back what came after block %s", after)
    gone = _gone_after(after, head)
    with transaction.atomic():
        keeping.lock(where, base)
        SeenBlock.objects.filter(number__gt=after).delete()
        return ChainEvent.objects.filter(block_hash__in=gone).update(canonical=False)


def _gone_after(number: int, head: int) -> list[str]:
    """Hashes of blocks with events in them that the chain no longer has."""
    later = ChainEvent.objects.standing().filter(block_number__gt=number)
    blocks = later.order_by().values_list("block_number", "block_hash").distinct()
    return [name for height, name in blocks if _hash_at(height, head) != name]


def _read_old(where: Deployment, *, upto: int) -> int:
    """Blocks that no longer change, by ranges."""
    base, found = keeping.newest(), 0
    first = base.number + 1 if base else where.first_block
    for reached, read in logs.in_range(where, first, upto):
        header = _header(reached)
        if header is None:
            break
        block = SeenBlock(number=reached, hash=header.hash)
        found += keeping.keep(where, base, block, read)
        base = block
    return found


def _read_new(where: Deployment, *, upto: int) -> int:
    """Blocks that may still change, one by one; stops where one does not follow the one before."""
    base, found = keeping.newest(), 0
    for number in range(base.number + 1 if base else where.first_block, upto + 1):
        header = _header(number)
        if header is None or (base and header.parent != base.hash):
            break  # the chain turns just now; the next call sorts it out
        block = SeenBlock(number=number, hash=header.hash)
        found += keeping.keep(where, base, block, logs.in_block(where, header.hash))
        base = block
    return found


def _finish(*, upto: int) -> int:
    """Events under enough blocks, as far as we have read."""
    last = keeping.newest()
    deep = min(upto, last.number if last else -1)
    waiting = ChainEvent.objects.standing().filter(final=False, block_number__lte=deep)
    return waiting.update(final=True)


def _hash_at(number: int, head: int) -> str:
    header = _header(number) if number <= head else None
    return header.hash if header else ""


def _header(number: int | None) -> Header | None:
    """The block of that number, or the newest; None if there is none yet."""
    said = rpc.ask("eth_getBlockByNumber", [reading.tag(number), False])
    if said is None:
        return None
    return Header(int(said["number"], 16), said["hash"], said["parentHash"])
