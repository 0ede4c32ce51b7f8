"""Translations: compiled at set-up in pure Python, and checked whole in the tests."""

from collections.abc import Iterator
from pathlib import Path

from script.shell import ROOT

LOCALE = ROOT / "locale"
LANGUAGES = ("es",)  # beside English, which the sentences themselves are in


def compile_changed() -> None:
    """Write each .mo that is missing or older than its .po."""
    for source in catalogues(LOCALE):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            _compile(source, target)


def catalogues(folder: Path) -> Iterator[Path]:
    return iter(sorted(folder.glob("*/LC_MESSAGES/*.po")))


def _compile(source: Path, target: Path) -> None:
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - babel comes with the packages set-up installs
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parts[-3])
    with target.open("wb") as file:
        write_mo(file, catalogue)
