"""What the documents promise is true of the code."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

from wetube.celery import app

OURS = ("gateway", "node_bridge", "wetube")
READERS = {"envbool", "envint", "envlist", "envnote", "envsecret", "get", "getenv"}


def text_of(repository: Path, name: str) -> str:
    return (repository / name).read_text(encoding="utf-8")


def sources(repository: Path) -> Iterator[Path]:
    for package in OURS:
        yield from sorted((repository / package).rglob("*.py"))


def variables_read(tree: ast.AST) -> Iterator[str]:
    """Names of environment variables that a module asks for."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(variable)), *_]) if (
                name in READERS
            ):
                yield variable
            case ast.Call(
                func=ast.Attribute(attr=name, value=ast.Attribute(attr="environ")),
                args=[ast.Constant(value=str(variable)), *_],
            ) if name in READERS:
                yield variable
            case ast.Subscript(
                value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(variable))
            ):
                yield variable


def test_every_setting_is_documented(repository: Path) -> None:
    documented = set(re.findall(r"^\| `(\w+)`", text_of(repository, "docs/settings.md"), re.M))
    read = {
        variable
        for path in sources(repository)
        for variable in variables_read(ast.parse(path.read_text(encoding="utf-8")))
    } - {"PATH", "HOME", "DJANGO_SETTINGS_MODULE"}
    assert {"SITE_URL", "MAX_UPLOAD_BYTES", "SECRET_KEY", "REDIS_URL"} <= read
    assert not read - documented, "add these to docs/settings.md"


def test_every_model_is_in_the_glossary(repository: Path) -> None:
    glossary = text_of(repository, "docs/glossary.md")
    models = [
        model.__name__ for model in apps.get_models() if model.__module__.startswith("wetube.")
    ]
    assert "Video" in models
    missing = [name for name in models if f"**{name}**" not in glossary]
    assert not missing, "add these to docs/glossary.md, in bold"


def test_every_task_and_command_is_in_the_architecture(repository: Path) -> None:
    architecture = text_of(repository, "docs/architecture.md")
    app.loader.import_default_modules()
    tasks = [name for name in app.tasks if name.startswith("wetube.")]
    commands = [name for name, owner in get_commands().items() if owner.startswith("wetube.")]
    assert tasks
    assert "up" in commands
    missing = [name for name in tasks if f"`{name.removeprefix('wetube.')}`" not in architecture]
    missing += [name for name in commands if f"manage.py {name}" not in architecture]
    assert not missing, "add these to docs/architecture.md"


def test_links_between_documents_lead_somewhere(repository: Path) -> None:
    documents = [*repository.glob("*.md"), *(repository / "docs").rglob("*.md")]
    assert documents
    broken = [
        f"{document.relative_to(repository)}: {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)\s#]+)[^)]*\)", document.read_text(encoding="utf-8"))
        if "://" not in link and not (document.parent / link).exists()
    ]
    assert not broken


def test_the_readme_names_both_commands(repository: Path) -> None:
    readme = text_of(repository, "README.md")
    assert "script/server" in readme
    assert "script/test" in readme


@pytest.mark.parametrize("package", OURS)
def test_what_a_package_says_it_exports_is_there(repository: Path, package: str) -> None:
    checked = 0
    for path in sorted((repository / package).rglob("__init__.py")):
        if "__all__" not in path.read_text(encoding="utf-8"):
            continue
        name = ".".join(path.parent.relative_to(repository).parts)
        module = importlib.import_module(name)
        assert not [word for word in module.__all__ if not hasattr(module, word)], name
        checked += 1
    assert checked
