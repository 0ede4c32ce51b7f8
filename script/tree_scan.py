"""Rules about files that no linter knows: their length, and what none may contain."""

import re
from collections.abc import Iterator
from pathlib import Path

from script.shell import ROOT, must

LONGEST = 300
CODE = {".py", ".js", ".css", ".html", ".sh", ".sol"}
GENERATED = re.compile(r"(^|/)migrations/|package-lock\.json$|requirements[^/]*\.txt$|\.po$")
FORBIDDEN = {
    "names a package registry's address": re.compile(
        r"(?:pypi|pythonhosted|npmjs|yarnpkg|crates|debian|jsdelivr|unpkg)\.(?:org|com|io|net)\b"
    ),
    "holds a path that only this machine has": re.compile(
        r"(?<![\w./}-])/(?:work|root|home/\w+)/[\w.]"
    ),
    "holds a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s"),
    "holds something like a secret": re.compile(
        r"(?i)(?:secret|password|token|api_?key)\w*\s*[:=]\s*[\"'][A-Za-z0-9+/_-]{32,}[\"']"
    ),
}


def findings() -> list[str]:
    """One sentence per breach, with file and line."""
    return [finding for path in _ours() for finding in (*_too_long(path), *_forbidden(path))]


def _ours() -> Iterator[Path]:
    """Everything git keeps or would keep."""
    listed = must(["git", "ls-files", "-co", "--exclude-standard", "-z"])
    for name in sorted(set(filter(None, listed.split("\0")))):
        path = ROOT / name
        if path.is_file():
            yield path


def _too_long(path: Path) -> Iterator[str]:
    name = str(path.relative_to(ROOT))
    if path.suffix in CODE and not GENERATED.search(name):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST:
            yield f"{name} has {lines} lines; {LONGEST} are allowed"


def _forbidden(path: Path) -> Iterator[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for breach, pattern in FORBIDDEN.items():
            if pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number} {breach}"


def main() -> None:
    found = findings()
    for finding in found:
        print(finding)  # noqa: T201 - what a check is for
    raise SystemExit(bool(found))


if __name__ == "__main__":
    main()
