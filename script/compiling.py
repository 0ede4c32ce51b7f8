"""`script/contracts`: compiles the contracts into the files every chain of ours is made from."""

import sys
from pathlib import Path

from script import front_end
from script.set_up import set_up
from script.shell import ROOT, CommandFailed, must, say, step

CONTRACTS = ROOT / "contracts"
BUILD = CONTRACTS / "build"


def main() -> int:
    try:
        set_up(dev=True)
        before = contents(BUILD)
        with step("Compiling the contracts"):
            compile_into(BUILD)
    except CommandFailed as failure:
        say(str(failure))
        return 1
    changed = sorted(name for name, text in contents(BUILD).items() if before.get(name) != text)
    say(f"New: {', '.join(changed)}" if changed else "Nothing is new.")
    return 0


def compile_into(folder: Path) -> None:
    """Write one JSON file a contract. Raises CommandFailed with what the compiler said."""
    node = front_end.find_npm().node_folder / "node"
    must([node, CONTRACTS / "compile.mjs", folder])


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by its name; nothing where there is no folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


if __name__ == "__main__":
    sys.exit(main())
