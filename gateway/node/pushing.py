"""Takes a leased graph that is pushed as a CAR: all of it, or nothing is kept."""

import asyncio
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from gateway.asgi import Request
from gateway.node import taking
from gateway.node.failures import Incomplete, TooLarge
from gateway.node.graph import Graph
from gateway.node.holdings import Holding
from gateway.node.leasing import Leasing
from gateway.node.taking import OVERHEAD, Blocks
from gateway.refusals import Malformed
from node_bridge.room import named_failures

PATIENCE = 30.0  # seconds without a byte
BOUT = 1 << 20  # bytes written at once


class BrokeOff(Malformed):
    """The body ended before it was whole, or nothing came for too long."""


async def take(leasing: Leasing, serial: str, request: Request) -> Holding:
    """The lease, held. Raises a Refused, or OverQuota, and then nothing of the body was kept."""
    holding = await asyncio.to_thread(leasing.get, serial)
    if holding.state == "held":
        return holding
    with _spool(leasing.config.folder) as spool:
        await _receive(request, spool, 2 * holding.size + OVERHEAD)
        await asyncio.to_thread(_keep, leasing, holding, spool)
    return leasing.get(serial)


def _keep(leasing: Leasing, holding: Holding, spool: BinaryIO) -> None:
    with named_failures():
        spool.seek(0)
    graph = taking.known(holding, leasing.store)
    leasing.store.take(_whole(graph, spool))
    taking.settle(holding, graph, leasing.book, leasing.store)


def _whole(graph: Graph, src: BinaryIO) -> Blocks:
    """The blocks, whose batch is only kept when they make the graph whole."""
    yield from taking.archived(src, graph)
    if not graph.is_whole:
        raise Incomplete(f"{len(graph.wanted())} blocks of the graph are missing.")
    graph.finish()


def _spool(folder: Path) -> BinaryIO:
    """A file without a name: gone with this process, however it ends."""
    with named_failures():
        return TemporaryFile(dir=folder)


async def _receive(request: Request, spool: BinaryIO, most: int) -> None:
    """The whole body into the file; raises TooLarge, BrokeOff, OverQuota."""
    if (request.content_length or 0) > most:
        raise TooLarge("The archive is larger than its lease allows.")
    size, waiting, more = 0, bytearray(), True
    while more:
        piece, more = await _piece(request)
        size += len(piece)
        if size > most:
            raise TooLarge("The archive is larger than its lease allows.")
        waiting += piece
        if len(waiting) >= BOUT or not more:
            await asyncio.to_thread(_write, spool, bytes(waiting))
            waiting.clear()


async def _piece(request: Request) -> tuple[bytes, bool]:
    try:
        message = await asyncio.wait_for(request.receive(), PATIENCE)
    except TimeoutError as error:
        raise BrokeOff("Nothing more of the body came.") from error
    if message["type"] == "http.disconnect":
        raise BrokeOff("The body broke off.")
    return message.get("body", b""), bool(message.get("more_body"))


def _write(spool: BinaryIO, data: bytes) -> None:
    with named_failures():
        spool.write(data)
        spool.flush()
