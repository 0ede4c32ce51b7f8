"""Whether every sentence of the product is in every catalogue, translated and certain."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from script.shell import PYTHON, ROOT, must
from script.translations import LOCALE, catalogues

SOURCES = ("wetube", "templates", "locale")


def findings(folder: Path) -> list[str]:
    """One sentence per sentence that is missing, empty, uncertain or no longer used.

    Collects anew into a copy below `folder`, so the project's files stay as they are.
    """
    copy = folder / "sentences"
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("*.pyc", "*.mo"))
    words = ["makemessages", "--all", "--no-location", "--no-wrap", "--verbosity=0"]
    must(["env", "-C", copy, PYTHON, "-m", "django", *words])
    found = [
        finding
        for collected in catalogues(copy / "locale")
        for finding in _compare(collected, LOCALE / collected.relative_to(copy / "locale"))
    ]
    shutil.rmtree(copy)
    return found


def _compare(collected: Path, kept: Path) -> Iterator[str]:
    language = kept.parts[-3]
    for message in _read(collected):
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy:
            yield f"{language}: uncertain (fuzzy): {message.id!r}"
        elif not all(strings):
            yield f"{language}: not translated: {message.id!r}"
    unused = {message.id for message in _read(kept)} - {message.id for message in _read(collected)}
    yield from (f"{language}: no longer used: {words!r}" for words in sorted(map(str, unused)))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, ignore_obsolete=True)
