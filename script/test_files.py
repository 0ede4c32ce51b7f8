"""Which files of tests/ a part is about. Importing all others would cost each worker seconds.

The mark of a part is written in the test's own file, or in a conftest.py for all files
below it; nowhere else (tests/scripts/test_files_of_parts.py).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from script.shell import ROOT

TESTS = ROOT / "tests"
MARK = r"\bmark\.(?:{})\b"


def marked(kind: str, tests: Path = TESTS) -> list[str]:
    """Every file that may hold a test of this mark."""
    named = re.compile(MARK.format(kind))
    found = {
        file
        for place in _places(tests)
        if named.search(place.read_text())
        for file in (_files(place.parent) if place.name == "conftest.py" else [place])
    }
    return _words(found)


def wholly_marked(kinds: Sequence[str], tests: Path = TESTS) -> list[str]:
    """Every file all of whose tests carry one of these marks: its `pytestmark` says so."""
    named = re.compile(rf"^pytestmark = .*{MARK.format('|'.join(kinds))}", re.MULTILINE)
    return _words({file for file in _files(tests) if named.search(file.read_text())})


def _places(tests: Path) -> Iterator[Path]:
    yield from _files(tests)
    yield from tests.rglob("conftest.py")


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("test_*.py") if "node_modules" not in file.parts)


def _words(files: set[Path]) -> list[str]:
    return sorted(str(file) for file in files)
