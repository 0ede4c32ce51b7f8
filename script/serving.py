"""`script/server`: sets up, then becomes `manage.py up`."""

import os
import sys
from pathlib import Path

from script.set_up import environment, set_up
from script.shell import PYTHON, ROOT, CommandFailed, paint, say


def main(words: list[str]) -> None:
    try:
        set_up()
    except CommandFailed as refusal:
        say(paint("WeTube could not be set up.", 31))
        say(str(refusal))
        say("script/doctor says what this machine lacks. What was done so far is kept.")
        raise SystemExit(1) from refusal
    command = [os.fspath(PYTHON), "manage.py", "up", *(_from_caller(word) for word in words)]
    os.chdir(ROOT)
    os.execve(PYTHON, command, environment())  # noqa: S606 - becomes the server, no shell


def _from_caller(word: str) -> str:
    """A file is named from the folder the person stands in, not from ours."""
    path = Path(os.environ.get("CALLED_FROM", ".")) / word
    return str(path.resolve()) if not word.startswith("-") and path.is_file() else word


if __name__ == "__main__":
    main(sys.argv[1:])
