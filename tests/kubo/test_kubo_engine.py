"""What only a real Kubo shows: damage on its disk, its profile, its token, its pins, its end."""

import json
import time
from base64 import b32encode
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from random import Random
from threading import Thread

import pytest

from node_bridge import Corrupt, EmbeddedEngine, EngineDown, MemoryEngine, NotFound, Unsupported
from node_bridge import cid as cids
from node_bridge.kubo import Holder, KuboEngine
from node_bridge.kubo_rpc import Patience, Rpc, Rules
from script import kubos
from tests.kubo.pool import Pool, held_by

pytestmark = pytest.mark.network

MIB = 1 << 20
FILM = Random(41).randbytes(3 * MIB + 5)


def stored_at(home: Path, data: bytes) -> Path:
    """Where Kubo's flatfs keeps a block: under its multihash, by the last letters but one."""
    name = b32encode(b"\x12\x20" + cids.of(data).digest).decode().rstrip("=")
    return home / "blocks" / name[-3:-1] / f"{name}.data"


def test_damage_on_kubos_disk_is_found_and_never_served(pool: Pool) -> None:
    engine = pool.lend()
    cid = engine.add([FILM], pin="film").cid
    leaf = FILM[MIB : 2 * MIB]
    place = stored_at(pool.lent.home, leaf)
    place.chmod(0o600)
    place.write_bytes(leaf[:-1] + b"!")

    pieces = engine.cat(cid)
    assert next(pieces) == FILM[:MIB]
    with pytest.raises(Corrupt):
        next(pieces)
    with pytest.raises(Corrupt):
        b"".join(engine.export_car(cid))
    assert list(engine.verify()) == list(engine.verify(cid)) == [str(cids.of(leaf))]

    place.unlink()
    assert engine.add([FILM]).new_blocks == 1
    assert list(engine.verify()) == []
    assert b"".join(engine.cat(cid)) == FILM


def test_a_kubo_with_another_profile_is_refused_at_the_start(tmp_path: Path) -> None:
    older = {"Import": {"CidVersion": 0, "UnixFSChunker": "size-262144", "UnixFSRawLeaves": False}}
    with (
        kubos.kubo(tmp_path / "kubo", settings=older) as daemon,
        closing(Rpc(daemon.rpc)) as rpc,
    ):
        engine = KuboEngine(rpc)
        with pytest.raises(EngineDown, match="profile apply unixfs-v1-2025"):
            engine.selftest()
        # It is told the profile with every file, all the same.
        assert engine.add([FILM]).cid == EmbeddedEngine(tmp_path / "ours").add([FILM]).cid


def test_a_token_opens_the_rpc_and_nothing_else_does(tmp_path: Path) -> None:
    with kubos.kubo(tmp_path / "kubo", token="letmein") as daemon:
        for wrong in ("", "letmeout"):
            with closing(Rpc(daemon.rpc, token=wrong)) as rpc:
                with pytest.raises(EngineDown, match="KUBO_TOKEN"):
                    KuboEngine(rpc).info()
                with pytest.raises(EngineDown, match="KUBO_TOKEN"):
                    KuboEngine(rpc).add([b"x"])
        with closing(Rpc(daemon.rpc, token="letmein")) as rpc:
            engine = KuboEngine(rpc)
            engine.selftest()
            assert engine.info().version == "Kubo 0.43.0"
            assert engine.add([b"x"]).new_blocks == 1


def test_progress_is_told_and_only_what_is_missing_travels(engine: KuboEngine) -> None:
    told: list[int] = []
    engine.add([FILM[: 2 * MIB]])

    added = engine.add([FILM], progress=told.append)

    assert told == [MIB, 2 * MIB, 3 * MIB, len(FILM)]
    assert (added.blocks, added.new_blocks) == (5, 3)
    told.clear()
    assert engine.add([FILM], progress=told.append).new_blocks == 0
    assert told == []


def test_a_file_on_disk_is_not_copied_before_it_is_sent(
    engine: KuboEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "film").write_bytes(b"head" + FILM)
    monkeypatch.setattr(engine._kubo, "spool", lambda: pytest.fail("copied"))
    with (tmp_path / "film").open("rb") as file:
        file.seek(4)
        cid = engine.add(file).cid
    assert b"".join(engine.cat(cid)) == FILM


def test_what_was_just_added_outlives_a_sweep_until_its_grace_is_over(pool: Pool) -> None:
    engine = pool.lend(grace=3600)
    film = engine.add([FILM]).cid
    folder = engine.add_dir({"film": film}).cid
    block = engine.put_block(b"a block alone")
    (moved,) = engine.import_car(_archive([b"brought"]))
    everything = [film, folder, block, moved]

    assert engine.gc() == 0
    assert all(engine.has(each, recursive=True) for each in everything)
    assert list(engine.pins()) == []

    hasty = KuboEngine(engine._rpc, Rules(grace=0))
    freed = hasty.gc(dry_run=True)
    assert freed > len(FILM)
    assert hasty.gc() == freed
    assert not any(engine.has(each) for each in everything)
    assert held_by(engine) == (0, 0)


def test_pins_that_others_made_stay_theirs(engine: KuboEngine) -> None:
    cid = engine.add([FILM], pin="site").cid
    foreign = engine.add([b"an operator's own"]).cid
    for each in (cid, foreign):
        engine._rpc.call("pin/add", each, name="by hand", offline=True)

    engine.add([FILM])
    assert {(pin.cid, pin.name) for pin in engine.pins()} == {(cid, "site")}
    engine.unpin(cid)
    engine.gc()

    assert engine.has(cid, recursive=True)
    assert engine.has(foreign)
    names = {line["Name"] for line in engine._rpc.lines("pin/ls", cid, names=True, stream=True)}
    assert names == {"by hand"}


def test_a_pin_says_when_it_was_made_and_its_name_has_room(engine: KuboEngine) -> None:
    cid = engine.add([b"words"]).cid
    pin = engine.pin(cid, name="video:ñandú, 100 %")

    with closing(Rpc(engine._rpc.url)) as rpc:
        (again,) = KuboEngine(rpc).pins(cid=cid)
    assert again == pin
    with pytest.raises(Unsupported, match="70 bytes"):
        engine.pin(cid, name="n" * 100)
    assert [each.name for each in engine.pins()] == [pin.name]


def test_everything_is_there_after_a_kill(tmp_path: Path) -> None:
    with kubos.kubo(tmp_path / "kubo") as daemon, closing(Rpc(daemon.rpc)) as rpc:
        cid = KuboEngine(rpc).add([FILM], pin="site").cid
        daemon.process.kill()
        daemon.process.wait()
        with pytest.raises(EngineDown):
            KuboEngine(rpc).has(cid)
    (tmp_path / "kubo" / "repo.lock").unlink(missing_ok=True)
    with kubos.kubo(tmp_path / "kubo") as daemon, closing(Rpc(daemon.rpc)) as rpc:
        engine = KuboEngine(rpc)
        assert [pin.cid for pin in engine.pins(name="site")] == [cid]
        assert b"".join(engine.cat(cid)) == FILM
        assert list(engine.verify()) == []


def test_a_kubo_that_dies_while_it_takes_a_file_is_down(tmp_path: Path) -> None:
    with kubos.kubo(tmp_path / "kubo") as daemon:

        def end(_taken: int) -> None:
            daemon.process.kill()

        patience = Patience(read=1, write=1)
        with closing(Rpc(daemon.rpc, patience=patience)) as rpc, pytest.raises(EngineDown):
            KuboEngine(rpc).add([Random(3).randbytes(40 * MIB)], pin="film", progress=end)


class _Router(BaseHTTPRequestHandler):
    """Delegated Routing V1 with one answer."""

    found: dict[str, object] = {}

    def do_GET(self) -> None:
        body = json.dumps(self.found).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        return


@pytest.fixture
def router() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Router)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_providers_are_found_by_the_routing_of_kubo(tmp_path: Path, router: str) -> None:
    peer, address = "12D3KooWMUAGUMrLBqVTUeNxTejpUQZgXMbnXwWCcDcJMhdYvckb", "/ip4/127.0.0.1/tcp/4"
    record = {"Schema": "peer", "ID": peer, "Addrs": [address], "Protocols": []}
    _Router.found = {"Providers": [record]}
    routing = {
        "Routing": {"Type": "delegated", "DelegatedRouters": [router]},
        "Provide": {"Enabled": False},
    }
    with (
        kubos.kubo(tmp_path / "kubo", settings=routing) as daemon,
        closing(Rpc(daemon.rpc)) as rpc,
    ):
        absent = str(cids.of(b"who has it?"))
        assert KuboEngine(rpc).find_providers(absent) == [Holder(peer, (address,))]


def test_reads_do_not_wait_for_the_network_unless_they_may(pool: Pool) -> None:
    engine, absent = pool.lend(), str(cids.of(b"nobody has it"))
    with pytest.raises(NotFound):
        engine.get_block(absent)
    patient = KuboEngine(engine._rpc, Rules(fetch_seconds=0.3))
    began = time.monotonic()
    with pytest.raises(NotFound):
        patient.get_block(absent)
    assert time.monotonic() - began >= 0.3
    assert not patient.has(absent)


def _archive(pieces: list[bytes]) -> BytesIO:
    whole = MemoryEngine()
    return BytesIO(b"".join(whole.export_car(whole.add(pieces).cid)))
