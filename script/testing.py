"""`script/test`: sets up, runs the parts in order, and ends with a table and the totals."""

import argparse
import os
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from script import system_packages
from script.packages import install as install_packages
from script.set_up import set_up
from script.shell import CommandFailed, paint, say

if TYPE_CHECKING:
    from script.test_parts import Bench, Part


@dataclass(frozen=True)
class Line:
    """One row of the table at the end."""

    name: str
    verdict: str
    seconds: float
    note: str


def main(words: list[str]) -> int:
    own, pytest_words = _split(words)
    # Every process of the tests would compile all of WeTube anew, three seconds of work each.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    chosen = _options().parse_args(own)
    try:
        install_packages(dev=True)
    except CommandFailed as failure:
        say(str(failure))
        return 1
    from script.test_parts import PARTS, Bench  # noqa: PLC0415 - needs the packages just installed

    names = chosen.part or list(PARTS)
    if unknown := sorted(set(names) - set(PARTS)):
        say(f"There is no part {', '.join(unknown)}; there are {', '.join(PARTS)}.")
        return 2
    parts = [PARTS[name] for name in PARTS if name in names]
    system_packages.install({program for part in parts for program in part.needs})
    try:
        set_up(dev=True)
    except CommandFailed as failure:
        say(str(failure))
        return 1
    with tempfile.TemporaryDirectory(prefix="wetube-test-") as folder:
        bench = Bench(Path(folder), tuple(pytest_words))
        lines = []
        for part in parts:
            lines.append(_run(part, bench))
            if chosen.exit_first and lines[-1].verdict == "failed":
                break
        return _summary(lines, bench)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="script/test",
        description="Runs every check and every test; words after -- go to pytest.",
    )
    options.add_argument("part", nargs="*", help="only these parts, such as lint or unit")
    options.add_argument(
        "-x", "--exit-first", action="store_true", help="stop at the first failure"
    )
    return options


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in words:
        return words, []
    cut = words.index("--")
    return words[:cut], words[cut + 1 :]


def _run(part: "Part", bench: "Bench") -> Line:
    say(paint(f"\n━━━ {part.name}: {part.about}", 36))
    if lacking := system_packages.unavailable(part.needs):
        verdict = "failed" if os.environ.get("CI") else "skipped"
        return Line(part.name, verdict, 0.0, lacking)
    began = time.monotonic()
    before = bench.count
    try:
        failures = part.run(bench)
    except CommandFailed as failure:
        say(str(failure))
        failures = [str(failure).splitlines()[0]]
    except Exception as surprise:  # noqa: BLE001 - the edge: one broken part must not hide the others
        traceback.print_exception(surprise)
        failures = [repr(surprise)]
    verdict = "failed" if failures else "passed"
    counted = bench.count - before
    note = "; ".join(failures) or (str(counted) if counted.passed else "")
    return Line(part.name, verdict, time.monotonic() - began, note)


def _summary(lines: list[Line], bench: "Bench") -> int:
    say(paint("\n━━━ summary", 36))
    colours = {"passed": 32, "failed": 31, "skipped": 33}
    for line in lines:
        verdict = paint(f"{line.verdict:8}", colours[line.verdict])
        say(f"{line.name:14}{verdict}{line.seconds:7.1f} s  {line.note}")
    total = bench.count
    say(f"\nall in {sum(line.seconds for line in lines):.0f} s; tests:\n")
    say(str(total))
    return int(any(line.verdict == "failed" for line in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
