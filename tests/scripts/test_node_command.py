"""`script/node` names files and folders from where the person stands."""

from pathlib import Path

import pytest

from script import node_serving


def test_paths_are_the_callers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CALLED_FROM", str(tmp_path))
    words = ["status", "--data", "mine", "--key", "/etc/key.pem", "--quota", "mine"]
    assert node_serving.from_caller(words) == [
        "status",
        "--data",
        str(tmp_path / "mine"),
        "--key",
        "/etc/key.pem",
        "--quota",
        "mine",
    ]


def test_a_path_after_an_equals_sign_is_the_callers_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CALLED_FROM", str(tmp_path))
    assert node_serving.from_caller(["--data=mine"]) == [f"--data={tmp_path / 'mine'}"]
