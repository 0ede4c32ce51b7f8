"""Which blocks lie under what is open: for clients that fetch block by block, and trust nobody."""

import logging
from itertools import islice

from node_bridge.cid import LINKLESS, parse
from wetube.content import network
from wetube.content.models import Content, ContentBlock

logger = logging.getLogger(__name__)

BATCH = 1000  # rows written at a time
TURN = 200  # contents listed in one turn
ROOTS = 100  # contents looked at for one block


def is_open(cid: str) -> bool:
    """Does a content that is open to everybody hold this block?"""
    return bool(open_roots(cid))


def open_roots(cid: str) -> list[str]:
    """The contents that are open to everybody and hold this block, at most ROOTS of them.

    What has links is open only as what it was when it was listed: bytes that a stranger put into
    a leaf may read as a folder, whose links would open what is nobody's but its owner's.
    """
    key = parse(cid)
    holding = ContentBlock.objects.filter(digest=key.digest, content__pins__is_open=True)
    if key.codec not in LINKLESS:
        holding = holding.filter(codec=key.codec)
    return list(holding.values_list("content__cid", flat=True).distinct()[:ROOTS])


def list_what_is_open() -> int:
    """List the blocks of contents that were opened since the last turn; how many contents."""
    waiting = Content.objects.filter(is_listed=False, pins__is_open=True).distinct()
    listed = 0
    for content in waiting.order_by("pk")[:TURN]:
        try:
            list_blocks(content)
        except network.Unreachable as failure:
            logger.warning("The blocks of %s are not listed yet: %s", content.cid, failure)
        else:
            listed += 1
    return listed


def list_blocks(content: Content) -> None:
    """Write down every block of a content; safe to repeat and to break off. Raises Unreachable."""
    blocks = network.blocks(content.cid)
    while batch := [parse(cid) for cid in islice(blocks, BATCH)]:
        rows = [ContentBlock(content=content, digest=key.digest, codec=key.codec) for key in batch]
        ContentBlock.objects.bulk_create(rows, ignore_conflicts=True)
    Content.objects.filter(pk=content.pk).update(is_listed=True)
