"""Folders of programs that describe themselves: listed without a name, run by name."""

import ast
from collections.abc import Sequence
from pathlib import Path

from script.shell import PYTHON, paint, run, say


def entries(folder: Path) -> dict[str, str]:
    """Name and first line of each program: a module with a docstring and a main."""
    found = {}
    for path in sorted(folder.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[path.stem] = (ast.get_docstring(tree) or "").partition("\n")[0]
    return found


def tell(folder: Path, command: str) -> None:
    say(f"{command} NAME… [-- ARGUMENTS], with one of these names, or `all`:\n")
    for name, words in entries(folder).items():
        say(f"  {name:14} {words}")


def split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names, and what stands from the first option on; a `--` before it is dropped."""
    cut = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    rest = list(words[cut:])
    return list(words[:cut]), rest[1:] if rest[:1] == ["--"] else rest


def run_all(folder: Path, package: str, names: Sequence[str], arguments: Sequence[str]) -> int:
    """Run each in a process of its own; returns how many fell short."""
    known = entries(folder)
    if unknown := sorted(set(names) - set(known) - {"all"}):
        say(f"There is no {', '.join(unknown)}; there are {', '.join(known)}.")
        return 2
    short = 0
    for name in known if "all" in names else names:
        say(paint(f"\n━━━ {name}: {known[name]}", 36))
        short += bool(run([PYTHON, "-m", f"{package}.{name}", *arguments]))
    return short
