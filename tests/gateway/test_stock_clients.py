"""Stock tus clients, unmodified, upload to a real server: tuspy and tus-js-client."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from tusclient.client import TusClient

from node_bridge import Grant, Keyring
from tests.gateway.serving import REPOSITORY, Served, granian
from tests.gateway.serving_app import SECRET

pytestmark = pytest.mark.services

MIB = 1 << 20
DATA = Random(10).randbytes(21 * MIB + 7)
SCRIPT = Path(__file__).with_name("tus_client.mjs")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stock")


@pytest.fixture(scope="module")
def film(folder: Path) -> Path:
    path = folder / "te[s]t_ video.mp4"
    path.write_bytes(DATA)
    return path


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    app = "tests.gateway.serving_app:application"
    with granian(app, {"GATEWAY_FOLDER": str(folder)}) as served:
        yield served


def endpoint(served: Served, key: str) -> str:
    grant = Grant("upload", key, int(time.time()) + 300, len(DATA), key)
    return f"{served.url}/g/{Keyring([SECRET]).sign(grant)}/uploads"


def assert_arrived(folder: Path, key: str) -> None:
    arrived = (folder / "uploads" / key / "source").read_bytes()
    assert sha256(arrived).digest() == sha256(DATA).digest()
    taken = [json.loads(line) for line in (folder / "taken.jsonl").read_text().splitlines()]
    assert [record[2:] for record in taken if record[0] == key] == [
        [len(DATA), "te[s]t_ video.mp4"]
    ]


@pytest.mark.parametrize("piece", [4 * MIB, 100 * MIB])
@pytest.mark.parametrize("checksum", [True, False])
def test_tuspy(served: Served, folder: Path, film: Path, piece: int, *, checksum: bool) -> None:
    key = f"py{piece}-{checksum}"
    with film.open("rb") as stream:
        TusClient(endpoint(served, key)).uploader(
            file_stream=stream,
            chunk_size=piece,
            metadata={"filename": film.name},
            upload_checksum=checksum,
        ).upload()
    assert_arrived(folder, key)


def test_tuspy_goes_on_where_it_stopped(served: Served, folder: Path, film: Path) -> None:
    client, named = TusClient(endpoint(served, "resume")), {"filename": film.name}
    with film.open("rb") as stream:
        first = client.uploader(file_stream=stream, chunk_size=3 * MIB, metadata=named)
        first.upload(stop_at=6 * MIB)
    with film.open("rb") as stream:
        again = client.uploader(file_stream=stream, chunk_size=100 * MIB, url=first.url)
        assert again.offset == 6 * MIB
        again.upload()
    assert_arrived(folder, "resume")


@pytest.mark.parametrize("way", ["whole", "pieces", "cut", "twice", "with-creation"])
def test_tus_js_client(served: Served, folder: Path, film: Path, way: str) -> None:
    node = shutil.which("node")
    assert node, "Node is missing: script/doctor says how to get it"
    key = f"js-{way}"
    done = subprocess.run(
        [node, str(SCRIPT), endpoint(served, key), str(film), way],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().endswith("done")
    assert_arrived(folder, key)
