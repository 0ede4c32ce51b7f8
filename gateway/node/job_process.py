"""The program that does a job, as a process of its own: slow to others, ended with this one."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ENCODER = (sys.executable, "-m", "wetube.video.transcoding.job")
ROOT = Path(__file__).resolve().parents[2]
NICE = 10
MOST_LINE = 1 << 16  # bytes
PATIENCE = 3.0  # seconds to end by itself
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "WETUBE_FFMPEG")

Said = dict[str, Any]


class CannotWork(Exception):
    """The program cannot be used on this machine; the message says why."""


class Failed(Exception):
    """The job came to nothing; the message says why."""


async def skill(program: Sequence[str] = ENCODER) -> str:
    """What this machine can do, in the word that jobs ask for; raises CannotWork."""
    process = await _start([*program, "--skill"])
    out, err = await process.communicate()
    try:
        word = json.loads(out)["skill"]
    except (ValueError, KeyError, TypeError) as error:
        raise CannotWork(err.decode(errors="replace")[-300:] or "It says nothing.") from error
    return str(word)


async def encode(
    paths: tuple[Path, Path, Path],
    on_fraction: Callable[[float], None],
    program: Sequence[str] = ENCODER,
) -> Said:
    """Do the order in one file with the source in another, into a folder; what was made.

    When the caller is cancelled, the program and all it started end. Raises Failed.
    """
    process = await _start([*program, "--nice", str(NICE), *map(str, paths)])
    try:
        return await _follow(process, on_fraction)
    finally:
        await _end(process)


async def _start(words: Sequence[str]) -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.PIPE,  # its end tells the program that nobody waits any more
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE if "--skill" in words else asyncio.subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )


async def _follow(
    process: asyncio.subprocess.Process, on_fraction: Callable[[float], None]
) -> Said:
    last: Mapping[str, Any] = {}
    async for line in _lines(process):
        last = _read(line)
        if isinstance(last.get("fraction"), int | float):
            on_fraction(float(last["fraction"]))
    made = last.get("done")
    if isinstance(made, dict):
        return made
    raise Failed(str(last.get("failed") or "The program ended without a word."))


async def _lines(process: asyncio.subprocess.Process) -> AsyncIterator[bytes]:
    """What the program prints; raises Failed for a line without end."""
    assert process.stdout is not None  # noqa: S101 - it was asked for, for the type checker
    rest = b""
    while data := await process.stdout.read(MOST_LINE):
        *whole, rest = (rest + data).split(b"\n")
        for line in whole:
            yield line
        if len(rest) > MOST_LINE:
            raise Failed("The program's words make no sense.")


def _read(line: bytes) -> Mapping[str, Any]:
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


async def _end(process: asyncio.subprocess.Process) -> None:
    """It ends by itself when its input does; what does not is killed with all its children."""
    if process.stdin is not None:
        process.stdin.close()
    if process.stdout is None:
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while await process.stdout.read(MOST_LINE):  # or it could not print its last words
                continue
            await process.wait()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        while await process.stdout.read(MOST_LINE):
            continue
        await process.wait()
