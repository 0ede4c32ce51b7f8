"""The site keeps its content in a Kubo, or a cluster, by settings alone."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from django.core.management import call_command
from pytest_django import Settings

from script import kubos
from tests.kubo.clusters import until
from tests.kubo.pool import Pool, held_by
from wetube.content import checks, engines, network
from wetube.core.health import Verdict

pytestmark = [pytest.mark.network, pytest.mark.django_db]

MIB = 1 << 20
FILM = Random(45).randbytes(2 * MIB + 5)


@pytest.fixture
def _fresh(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The doors of this test's own settings, and of no other's."""
    settings.NODE_ENGINE = "kubo"
    settings.KUBO_TOKEN = settings.CLUSTER_API = settings.CLUSTER_TOKEN = ""
    settings.KUBO_FETCH_SECONDS = 0
    monkeypatch.setattr(network, "engine", lambda: engines.engine(engines.chosen()))
    engines.engine.cache_clear()
    engines.cluster.cache_clear()
    yield
    for made in (engines.engine("kubo")._rpc, engines.cluster()):  # type: ignore[attr-defined]  # a KuboEngine's
        if made is not None:
            made.close()
    engines.engine.cache_clear()
    engines.cluster.cache_clear()


@pytest.mark.usefixtures("_fresh")
def test_a_film_lives_and_goes_in_a_kubo(pool: Pool, settings: Settings, tmp_path: Path) -> None:
    settings.KUBO_RPC = pool.daemon().rpc
    (tmp_path / "film").write_bytes(FILM)
    film = network.store_file(tmp_path / "film")
    folder = network.store_directory({"film.mp4": film, "x.vtt": network.store_bytes([b"WEBVTT"])})
    network.keep(folder, size=len(FILM), holder="video:1", is_open=True)

    network.reconcile()
    assert network.read(f"{folder}/film.mp4", MIB - 1, 3) == FILM[MIB - 1 : MIB + 2]
    assert checks.node().verdict == Verdict.GOOD

    network.let_go("video:1")
    network.reconcile()
    assert list(network.engine().pins()) == []
    # Its grace is a day, as in every engine: what was stored today is still there.
    assert held_by(network.engine())[1] == 6


@pytest.mark.usefixtures("_fresh")
def test_a_film_is_copied_by_a_cluster(
    peers: list[kubos.Peer], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.KUBO_RPC = peers[1].kubo.rpc
    settings.CLUSTER_API = peers[1].api
    settings.KUBO_FETCH_SECONDS = 10
    settings.CLUSTER_LEAST_COPIES, settings.CLUSTER_MOST_COPIES = 3, 3
    cid = network.store_bytes([FILM])

    network.keep(cid, size=len(FILM), holder="video:1")
    call_command("engine", "status")
    call_command("engine", "where", cid, "--recover")

    said = capsys.readouterr().out
    assert "3 peers of the cluster" in said
    assert "kept as 'site'" in said
    assert "3 copies, at 3 peers due" in said
    assert all(f"{peer.id}  pinned" in said for peer in peers)

    network.let_go("video:1")
    network.reconcile()
    until(lambda: list(network.engine().pins()) == [])
