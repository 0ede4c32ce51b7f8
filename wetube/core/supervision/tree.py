"""Starts parts in order, prefixes what they say, restarts those that end, stops all in order."""

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TextIO

LEASH = Path(__file__).with_name("leash.py")
SLOWEST_RESTART = 30.0
HEALTHY_AFTER = 10.0
COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)


@dataclass(frozen=True)
class Part:
    """One process of the tree.

    `patience` is how many seconds it may take to end when asked; then it is killed.
    Parts stop by `stop_order`, lowest first, those with the same number together.
    A part that runs `once` is not started again when it ends. Lines in which the
    pattern `mute` is found are not shown.
    """

    name: str
    command: Sequence[str]
    patience: float = 8.0
    stop_order: int = 1
    once: bool = False
    mute: str = ""


@dataclass
class _Branch:
    part: Part
    colour: int
    process: subprocess.Popen[bytes] | None = None
    rest: bytes = b""
    started: float = 0.0
    restart_at: float = 0.0
    failures: int = field(default=0)


class Tree:
    """Lives in one thread; `run` returns when told to stop, with everything gone."""

    def __init__(
        self,
        *,
        folder: Path,
        environment: Mapping[str, str],
        keep_open: Sequence[int] = (),
        out: TextIO = sys.stdout,
    ) -> None:
        """`keep_open` are file descriptors every leash inherits (the data folder's lock)."""
        self._folder = folder
        self._environment = dict(environment)
        self._keep_open = tuple(keep_open)
        self._out = out
        self._branches: list[_Branch] = []
        self._selector = selectors.DefaultSelector()
        self._told = False
        self._width = len("gateway")

    def start(self, part: Part) -> None:
        self._width = max(self._width, len(part.name))
        branch = _Branch(part, COLOURS[len(self._branches) % len(COLOURS)])
        self._branches.append(branch)
        self._spawn(branch)

    def stop_on_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._tell)

    def run(self, until: Callable[[], bool] = lambda: False) -> bool:
        """Watch until `until()` is true or we are told to stop; True in the first case."""
        while not self._told:
            self._hear(0.2)
            for branch in self._branches:
                self._tend(branch)
            if until():
                return True
        return False

    def stop(self) -> None:
        """End every part in order, each within its patience, and wait for all."""
        self._told = True
        for order in sorted({branch.part.stop_order for branch in self._branches}):
            level = [branch for branch in self._branches if branch.part.stop_order == order]
            for branch in level:
                if branch.process and branch.process.poll() is None:
                    branch.process.terminate()
            while any(branch.process and branch.process.poll() is None for branch in level):
                self._hear(0.05)
        while self._selector.get_map() and self._hear(0.0):
            pass

    def say(self, text: str, *, name: str = "wetube", colour: int = 37) -> None:
        for line in text.splitlines() or [""]:
            label = f"{name:{self._width}}"
            if self._out.isatty() and "NO_COLOR" not in os.environ:
                label = f"\033[{colour}m{label}\033[0m"
            self._out.write(f"{label} │ {line}\n")
        self._out.flush()

    def has_ended(self, name: str) -> bool:
        return all(branch.process is None for branch in self._branches if branch.part.name == name)

    def _spawn(self, branch: _Branch) -> None:
        words = [sys.executable, "-I", "-S", str(LEASH), str(branch.part.patience)]
        ear, mouth = os.pipe()
        branch.process = subprocess.Popen(  # noqa: S603 - parts are our own words, no shell
            [*words, *branch.part.command],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=mouth,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone; we stop the others in order
            pass_fds=self._keep_open,
        )
        os.close(mouth)
        self._selector.register(ear, selectors.EVENT_READ, branch)
        branch.started = time.monotonic()

    def _tend(self, branch: _Branch) -> None:
        """Notice an end; start again after a pause that doubles with each quick failure."""
        now = time.monotonic()
        if branch.process is None:
            if not branch.part.once and now >= branch.restart_at:
                self._spawn(branch)
            return
        code = branch.process.poll()
        if code is None:
            return
        branch.process = None
        if branch.part.once:
            return
        branch.failures = 1 if now - branch.started > HEALTHY_AFTER else branch.failures + 1
        pause = min(0.25 * 2**branch.failures, SLOWEST_RESTART)
        branch.restart_at = now + pause
        self.say(f"{branch.part.name} ended ({_reason(code)}); starting it again in {pause:g} s")

    def _hear(self, seconds: float) -> bool:
        """Pass on what parts have said; False if that was nothing."""
        events = self._selector.select(seconds)
        for key, _mask in events:
            branch: _Branch = key.data
            words = os.read(key.fd, 65536)
            if not words:
                self._selector.unregister(key.fd)
                os.close(key.fd)
            *lines, branch.rest = (branch.rest + words).split(b"\n")
            if not words and branch.rest:
                lines, branch.rest = [branch.rest], b""
            for line in lines:
                text = line.decode(errors="replace").rstrip()
                if not (branch.part.mute and re.search(branch.part.mute, text)):
                    self.say(text, name=branch.part.name, colour=branch.colour)
        return bool(events)

    def _tell(self, _signal: int, _frame: FrameType | None) -> None:
        self._told = True


def _reason(code: int) -> str:
    number = -code if code < 0 else code - 128
    if number <= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(number).name}"
    except ValueError:
        return f"exit code {code}"
