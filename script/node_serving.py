"""`script/node`: installs what a node needs, then becomes the node."""

import os
import sys
from pathlib import Path

from script import media_tools, packages
from script.set_up import environment
from script.shell import PYTHON, ROOT, CommandFailed, paint, say

FILES = {"--data", "--certificate", "--key"}


def main(words: list[str]) -> None:
    try:
        packages.install(dev=False)
        media_tools.use_brought()
        if any(word.partition("=")[0] == "--slots" for word in words):
            media_tools.install()
    except CommandFailed as refusal:
        say(paint("The node could not be set up.", 31))
        say(str(refusal))
        say("script/doctor says what this machine lacks. What was done so far is kept.")
        raise SystemExit(1) from refusal
    command = [os.fspath(PYTHON), "-m", "gateway.node", *from_caller(words)]
    os.chdir(ROOT)
    os.execve(PYTHON, command, environment())  # noqa: S606 - becomes the node, no shell


def from_caller(words: list[str]) -> list[str]:
    """Files and folders are named from where the person stands, not from here."""
    caller = Path(os.environ.get("CALLED_FROM", "."))
    told: list[str] = []
    for word in words:
        flag, equals, path = word.partition("=")
        if told and told[-1] in FILES:
            told.append(str((caller / word).resolve()))
        elif equals and flag in FILES:
            told.append(f"{flag}={(caller / path).resolve()}")
        else:
            told.append(word)
    return told


if __name__ == "__main__":
    main(sys.argv[1:])
