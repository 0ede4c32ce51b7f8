"""What a newcomer reads when something is not as it should be: a sentence, and what to do."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.node import certificates, command, flags
from node_bridge.network.identity import Identity
from tests.gateway.serving import free_port

AWAY = ["--gateway", "http://127.0.0.1:1"]
KNOWN = [*AWAY, "--gateway-id", Identity.create().peer_id]
Tell = Callable[..., str]


@pytest.fixture
def tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Tell:
    """The one line with which the command ends."""

    def tell(*words: str) -> str:
        assert command.main(["--data", str(tmp_path / "node"), *words]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        return line

    return tell


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "--gateway https://…, and the first time --token, from the gateway's page"),
        (["status"], "Which gateway is this node for?"),
        (["--gateway", "gateway.example"], "begins with https://"),
        ([*AWAY, "--gateway-id", "me"], "gateway_id will not do"),
        (AWAY, "--url https://your.name:4443"),
        ([*AWAY, "--compute-price", "720"], "--compute-price 720=0.01"),
        ([*AWAY, "--quota", "lots"], "Write one like 200 GB."),
        ([*KNOWN, "--listen", "203.0.113.5:4443"], "this machine has no such address"),
        ([*KNOWN, "--listen", "127.0.0.1:4443", "--key", "/k"], "give both or neither"),
        (
            [*KNOWN, "--listen", "127.0.0.1:4443", "--key", "/k", "--certificate", "/c"],
            "cannot be read: No such file",
        ),
        (["--data", "/proc/none"], "/proc/none cannot be used: No such file or directory."),
    ],
)
def test_what_is_missing_or_wrong_is_said_with_what_to_do(
    tell: Tell, words: list[str], told: str
) -> None:
    assert told in tell(*words)


def test_a_port_that_is_taken_is_named(tell: Tell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        assert f"{place}: another program does already" in tell(*KNOWN, "--listen", place)


def test_a_key_of_another_certificate_is_named(tell: Tell, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    mine, other = (certificates.own(tmp_path / name, name) for name in "ab")
    files = ["--certificate", str(mine.certificate), "--key", str(other.key)]
    told = tell(*KNOWN, "--listen", f"127.0.0.1:{free_port()}", *files)
    assert f"{other.key} is not the key of {mine.certificate}" in told


def test_a_second_node_in_a_folder_is_told_of_the_first(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "HANDOVER", 0.0)
    (tmp_path / "node").mkdir()
    with command.alone_in(tmp_path / "node"):
        assert "Another node runs in" in tell(*KNOWN, "--listen", f"127.0.0.1:{free_port()}")


def test_the_help_shows_how_to_begin_and_names_every_setting() -> None:
    text = flags.parser().format_help()
    assert "script/node --gateway https://gateway.example --token wto_… --url https://" in text
    said = vars(flags.parser().parse_args([]))
    for name in said.keys() - {"action", "line_test"}:
        assert f"--{name.replace('_', '-')}" in text
    assert all(len(line) <= 100 for line in text.splitlines())
