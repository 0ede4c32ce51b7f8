"""The IPFS world's own clients, from npm by tests/package-lock.json; only their tests need them."""

from pathlib import Path

from script import stamps
from script.front_end import find_npm
from script.shell import ROOT, must, step

HOME = ROOT / "tests"


def install() -> None:
    """Bring tests/node_modules up to the lock file; raises CommandFailed."""
    inputs = [HOME / "package.json", HOME / "package-lock.json", Path(__file__)]
    wanted = stamps.digest(inputs)
    if (HOME / "node_modules").is_dir() and stamps.is_fresh("ipfs-clients", wanted):
        return
    stamps.forget("ipfs-clients")
    with step("Installing IPFS clients"):
        npm = find_npm()
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        must([*npm.command, "ci", "--prefix", str(HOME), *quiet], env=npm.env())
    stamps.keep("ipfs-clients", wanted)
