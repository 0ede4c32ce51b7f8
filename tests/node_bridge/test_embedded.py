"""The store on disk: damage is found and healed, faults leave it whole, processes share it."""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import monotonic, sleep

import pytest

from node_bridge import (
    MAX_BLOCK,
    Corrupt,
    EmbeddedEngine,
    EngineDown,
    NotFound,
    OverQuota,
    intake,
)
from node_bridge import cid as cids

MIB = 1024 * 1024
FILM = Random(11).randbytes(3 * MIB + 1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "node"


@pytest.fixture
def engine(root: Path) -> EmbeddedEngine:
    return EmbeddedEngine(root)


def place_of(root: Path, cid: str) -> Path:
    name = cids.parse(cid).digest.hex()
    return root / "blocks" / name[:2] / name


def files_under(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a flipped bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "cut short": lambda data: data[: len(data) // 2],
    "emptied": lambda _data: b"",
    "made longer": lambda data: data + b"!",
    "made huge": lambda data: data + bytes(2 * MAX_BLOCK),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_leaf_is_never_served(root: Path, engine: EmbeddedEngine, damage: str) -> None:
    cid = engine.add([FILM], pin="film").cid
    leaf = str(cids.of(FILM[MIB : 2 * MIB]))
    place = place_of(root, leaf)
    place.write_bytes(DAMAGES[damage](place.read_bytes()))

    pieces = engine.cat(cid)
    assert next(pieces) == FILM[:MIB]
    with pytest.raises(Corrupt, match=leaf):
        next(pieces)
    assert b"".join(engine.cat(cid, 2 * MIB)) == FILM[2 * MIB :]
    with pytest.raises(Corrupt):
        engine.get_block(leaf)
    assert list(engine.verify()) == list(engine.verify(cid)) == [leaf]
    with pytest.raises(Corrupt):
        b"".join(engine.export_car(cid))


def test_adding_again_heals(root: Path, engine: EmbeddedEngine) -> None:
    cid = engine.add([FILM], pin="film").cid
    for block in (cid, str(cids.of(FILM[:MIB]))):
        place_of(root, block).write_bytes(b"rot")
    assert len(list(engine.verify())) == 2

    assert engine.add([FILM]).cid == cid

    assert list(engine.verify()) == []
    assert b"".join(EmbeddedEngine(root).cat(cid)) == FILM


def test_a_damaged_root_is_reported_and_nothing_below_it_freed(
    root: Path, engine: EmbeddedEngine
) -> None:
    cid = engine.add([FILM], pin="film").cid
    place_of(root, cid).write_bytes(b"rot")
    again = EmbeddedEngine(root, grace=0)

    with pytest.raises(Corrupt, match=cid):
        again.stat(cid)
    with pytest.raises(Corrupt):
        again.gc()

    assert list(again.verify(cid)) == [cid]
    assert again.has(str(cids.of(FILM[:MIB])))


def test_a_lost_block_is_missed(root: Path, engine: EmbeddedEngine) -> None:
    cid = engine.add([FILM]).cid
    leaf = str(cids.of(FILM[MIB : 2 * MIB]))
    place_of(root, leaf).unlink()

    with pytest.raises(NotFound, match=leaf):
        b"".join(engine.cat(cid))
    assert list(engine.verify(cid)) == [leaf]
    assert list(engine.verify()) == []


def test_a_second_engine_sees_everything(root: Path, engine: EmbeddedEngine) -> None:
    cid = engine.add([FILM], pin="film").cid
    other = EmbeddedEngine(root)

    assert b"".join(other.cat(cid)) == FILM
    assert list(other.pins()) == list(engine.pins())
    assert other.repo_stat() == engine.repo_stat()
    other.unpin(cid)
    assert list(engine.pins()) == []


def test_what_was_just_added_is_spared(engine: EmbeddedEngine) -> None:
    cid = engine.add([FILM]).cid

    assert engine.gc() == 0
    assert engine.has(cid, recursive=True)


def test_strangers_in_the_folder_are_left_alone(root: Path) -> None:
    engine = EmbeddedEngine(root, grace=0)
    stranger = root / "blocks" / "00" / "notes.txt"
    stranger.write_text("mine")

    assert engine.gc() == 0
    assert list(engine.verify()) == []
    assert stranger.exists()


def test_every_block_is_on_the_disk_before_it_has_its_name(
    root: Path, engine: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    folders: list[str] = []
    sync, sync_folder, move = intake._sync, intake.sync_folder, intake.Intake._move

    def seen_sync(block: int) -> None:
        name = Path(f"/proc/self/fd/{block}").readlink().name
        sync(block)
        synced.append(name)

    def seen_folder(folder: str | Path) -> None:
        sync_folder(folder)
        folders.append(Path(folder).name)

    def seen_move(self: intake.Intake, names: list[str]) -> None:
        assert set(names) == set(synced)
        assert not folders
        move(self, names)

    monkeypatch.setattr(intake, "_sync", seen_sync)
    monkeypatch.setattr(intake, "sync_folder", seen_folder)
    monkeypatch.setattr(intake.Intake, "_move", seen_move)

    engine.add([FILM])

    names = {path.name for path in files_under(root / "blocks")}
    assert set(synced) == names
    assert sorted(folders) == sorted({name[:2] for name in names})


def test_reserved_room_is_given_back(root: Path) -> None:
    engine = EmbeddedEngine(root, quota=10 * MIB)

    def failing() -> Iterator[bytes]:
        yield FILM
        assert engine.repo_stat().used >= 3 * MIB  # counted while it is under way
        raise ConnectionResetError

    for _ in range(5):
        with pytest.raises(ConnectionResetError):
            engine.add(failing())

    assert engine.repo_stat().used == 0
    assert list((root / "adding").iterdir()) == []


def test_a_lost_count_is_made_anew(root: Path, engine: EmbeddedEngine) -> None:
    engine.add([FILM])
    before = engine.repo_stat()
    for damage in (None, b"", b"short"):
        (root / "used").unlink()
        if damage is not None:
            (root / "used").write_bytes(damage)
        assert EmbeddedEngine(root).repo_stat() == before


def test_a_file_past_the_systems_limit_is_refused_and_nothing_stays(
    root: Path, engine: EmbeddedEngine
) -> None:
    before = engine.repo_stat()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB // 2, hard))
    try:
        with pytest.raises(OverQuota, match="disk is full"):
            engine.add([FILM], pin="film")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert engine.repo_stat() == before
    assert files_under(root / "blocks") == files_under(root / "adding") == []
    assert list(engine.pins()) == []
    assert engine.add([FILM], pin="film").size == len(FILM)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EngineDown):
        EmbeddedEngine(tmp_path / "file" / "node")

    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "pins.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(EngineDown, match="pins"):
        EmbeddedEngine(tmp_path / "node")


def test_sweeping_beside_adding_loses_nothing_pinned(root: Path) -> None:
    """Blocks old enough to be freed are wanted again at the moment a sweep comes by."""
    engine, sweeper = EmbeddedEngine(root, grace=0.3), EmbeddedEngine(root, grace=0.3)
    bodies = [Random(seed).randbytes(40_000) for seed in range(20)]
    stop = Event()
    sweeps = 0

    def sweep() -> None:
        nonlocal sweeps
        while not stop.is_set():
            sweeper.gc()
            sweeps += 1

    thread = Thread(target=sweep)
    thread.start()
    try:
        end = monotonic() + 3
        while monotonic() < end:
            for body in bodies:
                cid = engine.add([body], pin="wanted").cid
                assert b"".join(engine.cat(cid)) == body
            sleep(0.31)
            assert list(engine.verify()) == []
            for pin in list(engine.pins()):
                assert engine.has(pin.cid, recursive=True)
                engine.unpin(pin.cid)
    finally:
        stop.set()
        thread.join()
    assert sweeps > 3
    assert engine.repo_stat().used == sum(
        path.stat().st_size for path in files_under(root / "blocks")
    )
