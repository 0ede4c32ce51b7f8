"""Compiling the lists of packages people write into the hashed lists machines install."""

from pathlib import Path

from script.packages import PINS, bring_uv, uv_pip
from script.shell import ROOT, must, say


def main() -> None:
    bring_uv()
    product, tests = ROOT / "requirements.txt", ROOT / "requirements-dev.txt"
    _compile(ROOT / "requirements.in", product)
    _compile(ROOT / "requirements-dev.in", tests, constraints=product)
    for pin in sorted(PINS.glob("*.in")):
        _compile(pin, pin.with_suffix(".txt"))


def _compile(source: Path, target: Path, *, constraints: Path | None = None) -> None:
    """For every supported Python and system at once, without any registry's address."""
    must(
        [
            *(*uv_pip(), "compile", "--quiet", "--universal", "--generate-hashes"),
            *("--python-version", "3.11", "--no-annotate", "--no-header", "--no-emit-index-url"),
            *("--no-emit-find-links", "--output-file", target, source),
            *(("--constraints", constraints) if constraints else ()),
        ]
    )
    say(f"{target.relative_to(ROOT)} is up to date")


if __name__ == "__main__":
    main()
