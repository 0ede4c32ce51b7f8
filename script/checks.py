"""The checks of `script/test` that are no tests: form, types, layers, migrations, translations."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from script import front_end, translation_check, tree_scan
from script.shell import PYTHON, ROOT, paint, run, say

BIN = PYTHON.parent
MOST_SHOWN = 40
PACKAGES = ("gateway", "node_bridge", "wetube", "script", "bench", "tests", "manage.py")


@dataclass(frozen=True)
class Check:
    """`ask` returns the program's exit code, or prints what it found and returns their number."""

    name: str
    ask: Callable[[Path], int]

    def run(self, folder: Path) -> bool:
        """True when all is well; `folder` is for what the check needs to write."""
        code = self.ask(folder)
        say(f"{paint('ok', 32) if not code else paint('FAILED', 31)} {self.name}")
        return not code


def _python_tool(name: str, *words: str) -> Check:
    return Check(name if not words else f"{name} {words[0]}", lambda _: run([BIN / name, *words]))


def _npm_tool(script: str, *words: str) -> int:
    """A tool of node_modules, run by whichever Node this machine has."""
    node = front_end.find_npm().node_folder / "node"
    return run([node, ROOT / "node_modules" / script, *words])


def _biome(_folder: Path) -> int:
    return _npm_tool("@biomejs/biome/bin/biome", "ci", "--colors=off", "static/js", "static/css")


def _javascript_types(_folder: Path) -> int:
    return _npm_tool("typescript/bin/tsc", "--noEmit", "--project", "tsconfig.json")


def _templates(_folder: Path) -> int:
    pages = sorted((ROOT / "templates").rglob("*.html"))
    return run([BIN / "djade", "--target-version", "5.2", "--check", *pages])


def _shell(_folder: Path) -> int:
    shebang = b"#!/usr/bin/env bash"
    commands = [path for path in sorted((ROOT / "script").iterdir()) if path.is_file()]
    ours = [path for path in commands if path.read_bytes().startswith(shebang)]
    return run(["shellcheck", "-x", *ours, ROOT / ".ci" / "run"])


def _house(_folder: Path) -> int:
    found = tree_scan.findings()
    for finding in found:
        say(finding)
    return len(found)


def _translations(folder: Path) -> int:
    found = translation_check.findings(folder)
    for finding in found[:MOST_SHOWN]:
        say(finding)
    if len(found) > MOST_SHOWN:
        say(f"… and {len(found) - MOST_SHOWN} more")
    return len(found)


LINT = (
    _python_tool("ruff", "check", "."),
    _python_tool("ruff", "format", "--check", "."),
    Check("djade: form of templates", _templates),
    Check("biome: form of scripts and styles", _biome),
    Check("tsc: types of scripts", _javascript_types),
    Check("shellcheck", _shell),
    Check("lengths, addresses, paths, secrets", _house),
)
TYPES = (Check("mypy, strict", lambda _: run([BIN / "mypy", *PACKAGES])),)
LAYERS = (_python_tool("lint-imports"),)
MIGRATIONS = (
    Check(
        "makemigrations --check",
        lambda _: run([PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
    ),
)
TRANSLATIONS = (Check("every sentence in every language", _translations),)
