"""The whole site, running: Helia reads what it opens, by its own router, and nothing it keeps."""

import json
from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Any

import httpx
import pytest

from script.drills.rig import Rig, running
from tests.conformance.test_stock_clients import HELIA, NODE, run

pytestmark = pytest.mark.network

STORE = """
import json
from random import Random
from wetube.content import network
stored = {}
for name in ("open", "private"):
    data = Random(name).randbytes(3 << 20)
    cid = network.store_directory({"film.bin": network.store_bytes([data])})
    network.keep(cid, size=len(data), holder=f"test:{name}", is_open=name == "open")
    stored[name] = list(network.blocks(cid))
print(json.dumps(stored))
"""


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    with running() as rig:
        yield rig


@pytest.fixture(scope="module")
def stored(rig: Rig) -> dict[str, list[str]]:
    """The blocks of an open and of a private folder, their roots first."""
    blocks: dict[str, list[str]] = json.loads(rig.shell(STORE))
    return blocks


@pytest.fixture(scope="module")
def gateway(rig: Rig, stored: dict[str, list[str]]) -> Iterator[httpx.Client]:
    """Once the open folder's blocks are listed."""
    with httpx.Client(base_url=f"http://127.0.0.1:{rig.ports[1]}") as client:
        rig.until(
            lambda: all(status_of(client, cid) == 200 for cid in stored["open"]),
            60,
            "every block of what is open is open",
        )
        yield client


def status_of(client: httpx.Client, cid: str, query: str = "?format=raw") -> int:
    return client.get(f"/ipfs/{cid}{query}").status_code


def test_no_block_of_what_is_private_is_given(
    gateway: httpx.Client, stored: dict[str, list[str]]
) -> None:
    for cid in stored["private"]:
        for query in ("", "?format=raw", "?format=car"):
            assert status_of(gateway, cid, query) == 404
        assert gateway.get(f"/routing/v1/providers/{cid}").json() == {"Providers": []}


def test_helia_reads_what_is_open_and_nothing_else(
    gateway: httpx.Client, stored: dict[str, list[str]]
) -> None:
    asks = [{"resource": f"ipfs://{stored[name][0]}/film.bin"} for name in ("open", "private")]
    answers: list[dict[str, Any]] = json.loads(
        run(NODE, HELIA, str(gateway.base_url).rstrip("/"), json.dumps(asks))
    )

    film = sha256(Random("open").randbytes(3 << 20)).hexdigest()
    assert answers[0] == {"status": 200, "size": 3 << 20, "sha256": film}
    assert answers[1]["status"] != 200
    kept = sha256(Random("private").randbytes(3 << 20)).hexdigest()
    assert answers[1].get("sha256") != kept
