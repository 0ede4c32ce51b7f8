"""A part of script/test reads the files that may hold its tests, and misses none."""

import re
from pathlib import Path

import pytest

from script import test_files
from script.test_parts import SLOW, Bench


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    files = {
        "test_all.py": "pytestmark = [pytest.mark.django_db, pytest.mark.chain]\n",
        "test_one.py": "@pytest.mark.chain\ndef test_it() -> None: ...\n",
        "test_none.py": '"""Nothing of the chain; the mark.chained is another."""\n',
        "below/conftest.py": "@pytest.fixture(params=[pytest.param(1, marks=pytest.mark.chain)])\n",
        "below/deeper/test_by_fixture.py": "def test_it(made: int) -> None: ...\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_mark_is_found_in_the_file_or_in_a_conftest_above_it(tree: Path) -> None:
    found = test_files.marked("chain", tree)
    assert [Path(file).name for file in found] == [
        "test_by_fixture.py",
        "test_all.py",
        "test_one.py",
    ]


def test_only_a_file_that_is_marked_as_a_whole_is_left_out(tree: Path) -> None:
    found = test_files.wholly_marked(["media", "chain"], tree)
    assert [Path(file).name for file in found] == ["test_all.py"]


def test_marks_of_parts_are_written_nowhere_else(repository: Path) -> None:
    named = re.compile(test_files.MARK.format("|".join(SLOW)))
    elsewhere = [
        str(file.relative_to(repository))
        for file in (repository / "tests").rglob("*.py")
        if not file.name.startswith("test_") and file.name != "conftest.py"
        if named.search(file.read_text())
    ]
    assert elsewhere == []


def test_who_asks_for_a_file_gets_no_other(tmp_path: Path) -> None:
    assert Bench(tmp_path, ["tests/core"])._asked_for_paths()
    assert Bench(tmp_path, ["tests/test_docs.py::test_it"])._asked_for_paths()
    assert not Bench(tmp_path, ["-k", "money"])._asked_for_paths()
