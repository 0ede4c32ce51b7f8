"""Running other programs and talking to the person at the terminal."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
PYTHON = ROOT / ".venv" / "bin" / "python"


class CommandFailed(Exception):
    """A program that had to succeed ended with an error; the message holds its last words."""


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def coloured() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def paint(text: str, colour: int) -> str:
    """The text in one of the terminal's colours (31 red, 32 green, 33 yellow), where it has any."""
    return f"\033[{colour}m{text}\033[0m" if coloured() else text


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> int:
    """Run with our own standard output; returns the exit code."""
    return subprocess.run(_words(command), cwd=ROOT, env=_environment(env), check=False).returncode  # noqa: S603 - commands are ours, never a shell


def must(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> str:
    """Run quietly; returns what it printed. Raises CommandFailed with its last lines."""
    done = subprocess.run(  # noqa: S603 - commands are ours, never a shell
        _words(command),
        cwd=ROOT,
        env=_environment(env),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-25:])
        raise CommandFailed(f"{' '.join(_words(command))} ended with {done.returncode}:\n{last}")
    return done.stdout


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is done and how long it took."""
    began = time.monotonic()
    sys.stdout.write(f"{name} … ")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        say(paint("failed", 31))
        raise
    say(f"{time.monotonic() - began:.1f} s")


def _words(command: Sequence[str | Path]) -> list[str]:
    return [os.fspath(word) for word in command]


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, **(extra or {})}
