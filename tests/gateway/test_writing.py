"""What has arrived is on disk soon, also when the next bytes take their time."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from gateway.asgi import Message
from gateway.writing import Writer

PIECES = [bytes([number]) * 1000 for number in range(5)]
WHOLE = b"".join(PIECES)


async def test_nothing_waits_in_memory_for_a_sender_that_pauses(tmp_path: Path) -> None:
    goes_on = asyncio.Event()
    coming = iter(PIECES)

    async def receive() -> Message:
        piece = next(coming, None)
        if piece is not None:
            return {"type": "http.request", "body": piece, "more_body": True}
        await goes_on.wait()
        return {"type": "http.request", "body": b"end", "more_body": False}

    path = tmp_path / "source"
    with path.open("wb") as file:
        writing = asyncio.create_task(Writer(receive, 0, 10_000).run(file.fileno()))
        await asyncio.to_thread(wait_for, path, WHOLE)
        assert not writing.done()
        goes_on.set()
        await writing
    assert path.read_bytes() == WHOLE + b"end"


async def test_a_write_that_fails_is_told_and_nothing_follows_it(tmp_path: Path) -> None:
    coming = iter(PIECES)

    async def receive() -> Message:
        return {"type": "http.request", "body": next(coming), "more_body": True}

    path = tmp_path / "source"
    path.touch()
    read_only = os.open(path, os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="Bad file descriptor"):
            await Writer(receive, 0, 10_000).run(read_only)
    finally:
        os.close(read_only)
    assert path.read_bytes() == b""


def wait_for(path: Path, data: bytes) -> None:
    """Until this is in the file."""
    deadline = time.monotonic() + 5
    while path.read_bytes() != data:
        assert time.monotonic() < deadline, "the bytes are not on disk"
        time.sleep(0.01)
