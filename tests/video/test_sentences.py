"""What the making of a video says is known to translators, word for word."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from wetube.video import sentences

REFUSALS = {"BadMedia", "BadCaptions"}
FIGURE = "{}"


def test_every_sentence_for_the_owner_is_translatable(repository: Path) -> None:
    made = {said for path in _sources(repository) for said in _said(ast.parse(path.read_text()))}

    assert len(made) > 30
    assert made <= {re.sub(r"\{\w+\}", FIGURE, known) for known in sentences.SENTENCES}


def test_stored_sentences_are_said_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    spanish = {
        "The sound ends after {moment}.": "El sonido termina en {moment}.",
        sentences.GAVE_UP: "Algo salió mal {attempts} veces.",
    }
    monkeypatch.setattr(sentences, "gettext", spanish.__getitem__)

    told = "The sound ends after 1:02. " + sentences.GAVE_UP.format(attempts=3)

    assert sentences.said(told) == "El sonido termina en 1:02. Algo salió mal 3 veces."


def test_the_operators_reason_stays_as_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    spanish = "Esta pasarela no muestra este vídeo: {reason}"
    monkeypatch.setattr(sentences, "gettext", lambda _told: spanish)

    told = sentences.said("This gateway does not show this video: Court order (2026), see 1:02.")

    assert told == "Esta pasarela no muestra este vídeo: Court order (2026), see 1:02."


@pytest.mark.parametrize("stored", ["", "Something nobody foresaw."])
def test_an_unknown_sentence_stays_as_it_is(stored: str) -> None:
    with translation.override("es"):
        assert sentences.said(stored) == stored


def _sources(repository: Path) -> Iterator[Path]:
    video = repository / "wetube" / "video"
    return (path for path in video.rglob("*.py") if path.name != "sentences.py")


def _said(module: ast.Module) -> Iterator[str]:
    """Sentences that are raised as a refusal or appended to warnings, figures left open."""
    functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _is_for_the_owner(node.func):
            yield from _sentences(node.args[0], functions)
    if "_warnings" in functions:
        yield from _returned(functions["_warnings"])


def _is_for_the_owner(called: ast.expr) -> bool:
    if isinstance(called, ast.Name):
        return called.id in REFUSALS
    return isinstance(called, ast.Attribute) and ast.unparse(called) == "warnings.append"


def _sentences(given: ast.expr, functions: dict[str, ast.FunctionDef]) -> Iterator[str]:
    if isinstance(given, ast.Call):
        assert isinstance(given.func, ast.Name)
        yield from _returned(functions[given.func.id])
    else:
        yield _text(given)


def _returned(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            value = node.value
            yield from (_text(each) for each in getattr(value, "elts", [value]) if _is_text(each))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.Constant)


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            FIGURE if isinstance(part, ast.FormattedValue) else _text(part) for part in node.values
        )
    assert isinstance(node, ast.Constant), f"Not a sentence to translate: {ast.unparse(node)}"
    return str(node.value)
