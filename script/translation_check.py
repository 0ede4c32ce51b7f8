"""Whether every sentence of the product is in every catalogue, translated and certain."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from script.shell import PYTHON, ROOT, must
from script.translations import LANGUAGES, LOCALE

SOURCES = ("wetube", "templates")


def findings(folder: Path) -> list[str]:
    """One sentence per sentence that is missing, empty, uncertain or no longer used.

    Collects anew into a copy below `folder`, so the project's files stay as they are.
    """
    copy = folder / "sentences"
    for name in SOURCES:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("*.pyc"))
    found: list[str] = []
    for language in LANGUAGES:
        kept = LOCALE / language / "LC_MESSAGES" / "django.po"
        collected = copy / kept.relative_to(ROOT)
        collected.parent.mkdir(parents=True)
        if kept.exists():
            shutil.copy(kept, collected)
        words = ["--locale", language, "--no-location", "--no-wrap", "--verbosity=0"]
        must(["env", "-C", copy, PYTHON, "-m", "django", "makemessages", *words])
        found += _compare(language, _read(collected), _read(kept) if kept.exists() else Catalog())
    shutil.rmtree(copy)
    return found


def _compare(language: str, collected: Catalog, kept: Catalog) -> Iterator[str]:
    for message in collected:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.fuzzy:
            yield f"{language}: uncertain (fuzzy): {message.id!r}"
        elif not all(strings):
            yield f"{language}: not translated: {message.id!r}"
    unused = {message.id for message in kept} - {message.id for message in collected}
    yield from (f"{language}: no longer used: {words!r}" for words in sorted(map(str, unused)))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, ignore_obsolete=True)
