"""Real nodes encode pieces of real films for a whole running WeTube, and are paid for them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from script.drills.processes import alive, descendants, words_of
from script.drills.rig import Rig, running
from tests.node.nodes import Running, start_node
from tests.video.clips import make_clip

pytestmark = [pytest.mark.network, pytest.mark.timeout(300)]

OPERATOR = """
import json
from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Journal
from wetube.nodes import identity, registering
from wetube.people import joining, phrases
user, _ = joining.join(name="olga", words=phrases.new())
legs = [
    (ledger.house(Account.Kind.ISSUANCE), -10**9), (ledger.house(Account.Kind.NODES), 10**9),
]
ledger.post(reference="coin for nodes", kind=Journal.Kind.EMISSION, entries=legs)
print(json.dumps([registering.new_token(user), identity.own().peer_id]))
"""
PRICE = 100  # drops an output second and rung
PIECE, SECONDS = 8, 24  # of a piece, of the film
DONE = 120.0  # seconds a film may take on a busy machine


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Short pieces, and nobody here who encodes them unless no node does."""
    with running(
        MEDIA_WORKERS="0",
        PIECE_SECONDS=str(PIECE),
        NODE_RANGES="127.0.0.0/8",
        NODE_HEARTBEAT_SECONDS="5",
        JOB_LEASE_SECONDS="6",
    ) as made:
        yield made


@pytest.fixture(scope="module")
def known(rig: Rig) -> tuple[str, str]:
    """Olga's token, and who the gateway is."""
    token, gateway = json.loads(rig.shell(OPERATOR))
    return token, gateway


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pieces of picture and one of sound, two rungs."""
    folder = tmp_path_factory.mktemp("clip")
    return make_clip(folder / "clip.mp4", seconds=SECONDS, size="640x360")


@contextmanager
def node(rig: Rig, known: tuple[str, str], folder: Path, **settings: Any) -> Iterator[Running]:
    """A node with one slot that the gateway knows."""
    with start_node(
        folder,
        gateway_id=known[1],
        gateway_url=f"http://127.0.0.1:{rig.ports[0]}",
        token=known[0],
        slots=1,
        prices={"storage": "0", "delivery": "0", "compute": {"240": "0.000001"}},
        **settings,
    ) as started:
        peer = started.peer_id
        there = "SELECT count(*) FROM nodes_node WHERE peer_id = ?"
        rig.until(lambda: rig.rows(there, peer)[0][0] == 1, 60, "the node is known")
        yield started


def jobs(rig: Rig, node: Running, columns: str) -> list[tuple[Any, ...]]:
    query = (
        f"SELECT {columns} FROM nodes_job JOIN nodes_node ON nodes_job.node_id = nodes_node.id"
        " WHERE nodes_node.peer_id = ? ORDER BY nodes_job.id"
    )
    return rig.rows(query, node.peer_id)


def programs(node: Running) -> list[int]:
    """The node's encoder with all below it, ffmpeg too; nothing before ffmpeg has begun."""
    below = descendants(node.process.pid)
    return below if any("libx264" in words_of(pid) for pid in below) else []


def is_published(rig: Rig, key: str) -> bool:
    rig.until(lambda: rig.ended(key), DONE, "the film is done")
    return rig.state(key) == "published"


def is_whole(rig: Rig, key: str) -> bool:
    """As long as its source, and playable to its end."""
    ((duration, cid),) = rig.rows("SELECT duration, cid FROM video_video WHERE key = ?", key)
    playlist = rig.client.request(rig.ports[1], "GET", f"/ipfs/{cid}/v240.m3u8")[1].decode()
    return abs(duration - SECONDS) < 0.2 and playlist.count("#EXTINF") == SECONDS // 4


def test_a_node_shares_the_work_and_is_paid_for_what_was_accepted(
    rig: Rig, known: tuple[str, str], clip: Path, tmp_path: Path
) -> None:
    with node(rig, known, tmp_path / "node") as started:
        key = rig.client.upload(clip)
        assert is_published(rig, key)
        done = jobs(rig, started, "nodes_job.state, earned, made_seconds")
    accepted = [row for row in done if row[0] == "accepted"]
    assert accepted
    assert {row[0] for row in done} <= {"accepted", "withdrawn"}
    assert all(row[1:] == (2 * PRICE * PIECE, PIECE) for row in accepted)
    paid = rig.rows(
        "SELECT kind, sum(amount) FROM nodes_earning JOIN nodes_node"
        " ON nodes_earning.node_id = nodes_node.id WHERE peer_id = ? GROUP BY kind",
        started.peer_id,
    )
    assert paid == [("computation", sum(row[1] for row in accepted))]
    assert is_whole(rig, key)


def test_a_node_that_nobody_reaches_brings_what_it_made(
    rig: Rig, known: tuple[str, str], clip: Path, tmp_path: Path
) -> None:
    with node(rig, known, tmp_path / "node", urls=["https://127.0.0.1:9"]) as started:
        key = rig.client.upload(clip)
        assert is_published(rig, key)
        done = jobs(rig, started, "nodes_job.state, is_wanted, is_here")
        assert jobs(rig, started, "nodes_node.state")[0] == ("joining",)
    assert ("accepted", 1, 1) in done
    assert is_whole(rig, key)
    left = [path.name for path in (rig.folder / "uploads").iterdir()]
    assert not [name for name in left if name.startswith("job-")]


def test_a_node_killed_at_work_costs_the_film_a_lease_and_no_more(
    rig: Rig, known: tuple[str, str], clip: Path, tmp_path: Path
) -> None:
    with node(rig, known, tmp_path / "node") as started:
        key = rig.client.upload(clip)
        rig.until(lambda: programs(started), DONE, "the node encodes")
        at_work = programs(started)
        started.kill()
        rig.until(lambda: not alive(at_work), 30, "its programs have ended with it")
        assert is_published(rig, key)
        lost = jobs(rig, started, "nodes_job.state, earned, nodes_job.why")
    assert lost[-1] == ("lost", 0, "The node fell silent.")
    assert is_whole(rig, key)
