"""Runs one program in its box, reads what it prints, and kills all of it when told to."""

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wetube.video.transcoding.errors import BadMedia, Cancelled, FfmpegFailed, TookTooLong
from wetube.video.transcoding.sandbox import Box

MOST_LOG = 16 << 10
MOST_LINE = 1 << 20
TICK = 0.2
HIT_A_BOUND = {signal.SIGXCPU, signal.SIGXFSZ}
BROKE_DOWN = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}


@dataclass(frozen=True)
class Finished:
    """How a run ended: its exit status and the end of what it wrote to standard error."""

    code: int
    log: str

    @property
    def signal(self) -> int:
        """What ended it from outside or within, 0 if it ended by itself.

        bubblewrap reports a signal as 128 + n, as shells do; ffmpeg catches some and says so.
        """
        if self.code < 0:
            return -self.code
        if said := re.search(r"Exiting normally, received signal (\d+)\.\s*$", self.log):
            return int(said[1])
        return self.code - 128 if 128 < self.code <= 192 else 0

    def refuse(self) -> None:
        """Tell a source that breaks its bounds from a machine that got in the way.

        Raises BadMedia for the first, which will happen again, and FfmpegFailed for the
        second, which may not. A plain error status passes: damaged sources give one too.
        """
        if self.signal in HIT_A_BOUND or "File too large" in self.log:
            raise BadMedia("This file unpacks to far more than a video of its length should.")
        if self.signal in BROKE_DOWN:
            raise BadMedia("The decoder broke down on this file.")
        if "Cannot allocate memory" in self.log:
            raise BadMedia("Decoding this file takes more memory than a video of its size should.")
        if self.signal:
            raise FfmpegFailed(f"ffmpeg was ended by {signal.Signals(self.signal).name}.")
        if "No space left on device" in self.log:
            raise FfmpegFailed("The disk is full.")


def never() -> bool:
    """The default answer to "has somebody cancelled this?"."""
    return False


@dataclass(frozen=True)
class Watch:
    """What a run answers to: `on_line` gets standard output, `cancelled` may stop it.

    `seconds` bounds the whole run; `silence` bounds the time between two lines.
    """

    on_line: Callable[[str], None]
    cancelled: Callable[[], bool] = never
    seconds: float = 60
    silence: float | None = None


def run(box: Box, command: Sequence[str], watch: Watch) -> Finished:
    """Start the command in the box and follow it to its end.

    Raises Cancelled or TookTooLong after the whole process group has been killed.
    """
    process = subprocess.Popen(  # noqa: S603 - no shell, and confined by the box
        [*box.prefix, *command],
        cwd=box.cwd,
        env=box.environment or None,
        pass_fds=box.pass_fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        log = _follow(process, watch)
        _await_end(process)
    finally:
        _kill(process)
    return Finished(process.returncode, log)


def _follow(process: subprocess.Popen[bytes], watch: Watch) -> str:
    assert process.stdout is not None  # noqa: S101 - both were asked for, for the type checker
    assert process.stderr is not None  # noqa: S101
    begun = heard = time.monotonic()
    log, line = bytearray(), bytearray()
    with selectors.DefaultSelector() as pipes:
        pipes.register(process.stdout, selectors.EVENT_READ)
        pipes.register(process.stderr, selectors.EVENT_READ)
        while pipes.get_map():
            for key, _ in pipes.select(TICK):
                piece = os.read(key.fd, 1 << 16)
                if not piece:
                    pipes.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    log = (log + piece)[-MOST_LOG:]
                else:
                    heard = time.monotonic()
                    line = _hand_over(line + piece, watch.on_line)
            _check(watch, begun, heard)
    if line:
        watch.on_line(line.decode(errors="replace"))
    return log.decode(errors="replace")


def _hand_over(text: bytearray, on_line: Callable[[str], None]) -> bytearray:
    *whole, rest = text.split(b"\n")
    for line in whole:
        on_line(line.decode(errors="replace"))
    return rest[-MOST_LINE:]


def _check(watch: Watch, begun: float, heard: float) -> None:
    now = time.monotonic()
    if watch.cancelled():
        raise Cancelled("The work was cancelled.")
    if now - begun > watch.seconds:
        raise TookTooLong(f"The work did not end within {watch.seconds:.0f} seconds.")
    if watch.silence is not None and now - heard > watch.silence:
        raise TookTooLong(f"The work made no progress for {watch.silence:.0f} seconds.")


def _await_end(process: subprocess.Popen[bytes]) -> None:
    """Wait without reaping, so that the group's number is still ours when it is killed."""
    for _ in range(100):
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            return
        time.sleep(0.05)
    raise TookTooLong("The program closed its output but did not end.")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End every process of the group; what a namespace holds dies with its first process."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
