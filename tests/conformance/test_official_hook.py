"""script/conformance gives the official program a gateway, and us its verdict."""

import sys
from pathlib import Path

import pytest

from script import official_conformance
from tests.conformance.graphs import Graphs

# Stands in for the program: lays a fixture down, and asks the gateway for it.
PROGRAM = """#!{python}
import sys
from pathlib import Path
from urllib.request import urlopen
words = sys.argv[1:]
if words[0] == "extract-fixtures":
    folder = Path(words[2].removeprefix("--dir="))
    folder.joinpath("fixtures.car").write_bytes(bytes.fromhex({archive!r}))
else:
    assert words[1] == "--gateway-url" and words[3] == "--specs", words
    assert len(words[4].split(",")) == 6, words
    body = urlopen(f"{{words[2]}}/ipfs/{cid}/hello.txt").read()
    sys.exit(0 if body == {expected!r} else 7)
"""


def program(tmp_path: Path, expected: bytes) -> str:
    graphs = Graphs()
    root = graphs.folder({"hello.txt": graphs.file(b"hello")})
    path = tmp_path / "gateway-conformance"
    path.write_text(
        PROGRAM.format(
            python=sys.executable,
            archive=graphs.archive(root).hex(),
            cid=root.cid,
            expected=expected,
        )
    )
    path.chmod(0o755)
    return str(path)


@pytest.mark.network
@pytest.mark.parametrize(("expected", "verdict"), [(b"hello", 0), (b"other", 7)])
def test_its_verdict_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: bytes, verdict: int
) -> None:
    monkeypatch.setenv("GATEWAY_CONFORMANCE", program(tmp_path, expected))
    assert official_conformance.main([]) == verdict


def test_without_it_one_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GATEWAY_CONFORMANCE", raising=False)
    monkeypatch.setenv("PATH", "")
    assert official_conformance.main([]) == 2
    assert "go install" in capsys.readouterr().out
