"""Programs built with Go: once, and with a word about what to do where there is no Go."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from script import go_tools
from script.go_tools import Program
from script.shell import CommandFailed

TOOL = Program("tool", "example.org/tool", "cmd/tool", "v1.0.0")

Fake = Callable[[str], Path]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(go_tools, "CACHE", tmp_path / "cache")
    return tmp_path / "cache"


@pytest.fixture
def fake_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put a program called `go` first on the PATH: a few lines of shell."""

    def make(lines: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "go").write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{lines}\n')
        (folder / "go").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
        return tmp_path / "calls"

    return make


BUILDS = 'case "$1" in version) echo go version go1.27.1 linux/amd64;; build) touch tool;; esac'


def test_without_go_it_says_what_to_do(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("script.go_tools.shutil.which", lambda _name: None)
    with pytest.raises(CommandFailed, match=r"no Go.*1\.26 or newer.*https://go\.dev/dl/.*again"):
        go_tools.bring(TOOL)
    assert not cache.exists()


@pytest.mark.parametrize("version", ["go1.19.8", "go1.25.9", "gibberish"])
def test_an_old_go_is_refused(cache: Path, fake_go: Fake, version: str) -> None:
    fake_go(f"echo go version {version} linux/amd64")
    with pytest.raises(CommandFailed, match="too old"):
        go_tools.bring(TOOL)
    assert not cache.exists()


def test_a_program_is_built_by_a_module_of_ours_and_once(cache: Path, fake_go: Fake) -> None:
    calls = fake_go(BUILDS)

    binary = go_tools.bring(TOOL)

    assert binary == cache / "tool-v1.0.0" / "tool"
    assert binary.exists()
    said = calls.read_text()
    assert "mod init wetube.invalid/tools" in said
    assert "get -tool example.org/tool/cmd/tool@v1.0.0" in said
    calls.unlink()
    assert go_tools.bring(TOOL) == binary
    assert not calls.exists()
    assert [path.name for path in cache.iterdir()] == ["tool-v1.0.0"]


def test_a_build_that_fails_leaves_nothing(cache: Path, fake_go: Fake) -> None:
    fake_go('case "$1" in version) echo go1.27.1;; get) echo 403 Forbidden >&2; exit 1;; esac')
    with pytest.raises(CommandFailed, match="403 Forbidden"):
        go_tools.bring(TOOL)
    assert list(cache.iterdir()) == []
