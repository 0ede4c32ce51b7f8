"""What the product imports comes with the product's own list, not by luck with the tests'."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

OURS = {"gateway", "node_bridge", "wetube"}


def imported(path: Path) -> Iterator[str]:
    """Names of the packages a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def named(repository: Path, name: str) -> set[str]:
    """Distributions in a list."""
    lines = re.findall(r"^[A-Za-z0-9._-]+", (repository / name).read_text(encoding="utf-8"), re.M)
    return {plain(line) for line in lines}


def plain(name: str) -> str:
    """A distribution's name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_everything_imported_is_listed_by_name(repository: Path) -> None:
    come_with = packages_distributions()
    packages = {
        package
        for folder in OURS
        for path in sorted((repository / folder).rglob("*.py"))
        for package in imported(path)
    } - OURS
    outside = {package for package in packages if package not in sys.stdlib_module_names}
    assert {"django", "celery"} <= outside
    listed = named(repository, "requirements.in")
    unlisted = [
        package
        for package in sorted(outside)
        if listed.isdisjoint(map(plain, come_with.get(package, [])))
    ]
    assert unlisted == [], "write these into requirements.in"
