"""All content goes from one engine into another, once, verified, and goes on after a stop."""

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from node_bridge import EngineDown, MemoryEngine, NodeEngine, NotFound
from wetube.content import engines, moving, network
from wetube.content.models import Move

pytestmark = pytest.mark.django_db

MIB = 1 << 20


class Broken(MemoryEngine):
    """Takes so many archives, then is gone."""

    left = 10**6

    def import_car(self, *args: object, **options: object) -> tuple[str, ...]:
        self.left -= 1
        if self.left < 0:
            raise EngineDown("The engine is gone.")
        return super().import_car(*args, **options)  # type: ignore[arg-type]  # passed on as it came


class Rotting(MemoryEngine):
    """Damages what it takes."""

    def import_car(self, *args: object, **options: object) -> tuple[str, ...]:
        roots = super().import_car(*args, **options)  # type: ignore[arg-type]  # passed on as it came
        for digest in self._blocks.held:  # type: ignore[attr-defined]  # blocks in memory
            self._blocks.held[digest] = b"rot"  # type: ignore[attr-defined]
        return roots


@pytest.fixture
def there() -> Broken:
    return Broken()


@pytest.fixture
def here(there: Broken, monkeypatch: pytest.MonkeyPatch) -> Iterator[NodeEngine]:
    """The engine that keeps the site's content so far, as `embedded`; `there` is the other."""
    source = network.engine()
    both = {"embedded": source, "kubo": there}
    monkeypatch.setattr(engines, "engine", lambda kind: both[kind])
    return source  # type: ignore[return-value]  # a fixture without an end


def keep(number: int) -> str:
    data = b"%d" % number * MIB
    cid = network.store_bytes([data])
    network.keep(cid, size=len(data), holder=f"video:{number}")
    return cid


def pins(engine: NodeEngine) -> set[tuple[str, str]]:
    return {(pin.cid, pin.name) for pin in engine.pins()}


def test_everything_arrives_under_the_same_cids_and_stays_where_it_was(
    here: NodeEngine, there: Broken, capsys: pytest.CaptureFixture[str]
) -> None:
    cids = [keep(number) for number in range(3)]
    network.point("live:1", cids[0], is_open=True)
    other = here.add([b"somebody else's"], pin="a tenant").cid

    call_command("engine", "move", "--to", "kubo")

    expected = {(cid, network.PIN_NAME) for cid in cids} | {(other, "a tenant")}
    assert pins(there) == expected
    assert all(b"".join(there.cat(cid)) == b"".join(here.cat(cid)) for cid in [*cids, other])
    assert pins(here) == expected
    assert moving.progress("kubo").due == 0
    assert "NODE_ENGINE=kubo" in capsys.readouterr().out


def test_a_move_that_stopped_goes_on_where_it_stood(here: NodeEngine, there: Broken) -> None:
    cids = [keep(number) for number in range(4)]
    there.left = 2
    with pytest.raises(CommandError, match="2 did not move"):
        call_command("engine", "move", "--to", "kubo")
    assert [moving.progress("kubo").moved, moving.progress("kubo").due] == [2, 2]
    assert Move.objects.filter(state="due", why="The engine is gone.").count() == 2
    assert len(pins(there)) == 2

    there.left = 2  # enough for those that are due, for no other
    call_command("engine", "move", "--to", "kubo")

    assert moving.progress("kubo") == moving.Progress(
        moved=4, due=0, bytes=moving.progress("kubo").bytes
    )
    assert {cid for cid, _ in pins(there)} == set(cids)
    assert not Move.objects.exclude(why="").exists()


def test_what_came_meanwhile_follows_and_what_was_let_go_does_not(
    here: NodeEngine, there: Broken
) -> None:
    gone, stays = keep(1), keep(2)
    moving.plan("kubo")
    network.let_go("video:1")
    network.reconcile()
    late = keep(3)

    call_command("engine", "move", "--to", "kubo")

    assert {cid for cid, _ in pins(there)} == {stays, late}
    assert not there.has(gone)
    assert not Move.objects.filter(cid=gone).exists()


def test_what_the_target_lost_since_is_moved_again(here: NodeEngine, there: Broken) -> None:
    cid = keep(1)
    call_command("engine", "move", "--to", "kubo")
    there.unpin(cid)
    there.gc()
    with pytest.raises(NotFound):
        there.stat(cid)

    call_command("engine", "move", "--to", "kubo")

    assert there.has(cid, recursive=True)
    assert moving.progress("kubo").moved == 1


def test_what_arrives_damaged_stays_due(
    here: NodeEngine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cid = keep(1)
    both = {"embedded": here, "kubo": Rotting()}
    monkeypatch.setattr(engines, "engine", lambda kind: both[kind])

    with pytest.raises(CommandError, match="1 did not move"):
        call_command("engine", "move", "--to", "kubo")

    assert "did not arrive whole" in capsys.readouterr().err
    assert moving.progress("kubo").moved == 0
    assert pins(both["kubo"]) == set()
    assert here.has(cid, recursive=True)


def test_what_is_missing_here_is_named_and_the_rest_moves(
    here: NodeEngine, there: Broken, capsys: pytest.CaptureFixture[str]
) -> None:
    lost, cid = keep(1), keep(2)
    here.unpin(lost)
    here.gc()

    with pytest.raises(CommandError, match="1 did not move"):
        call_command("engine", "move", "--to", "kubo")

    assert lost in capsys.readouterr().err
    assert {cid for cid, _ in pins(there)} == {cid}


def test_it_moves_back(here: NodeEngine, there: Broken, settings: Settings) -> None:
    cid = keep(1)
    call_command("engine", "move", "--to", "kubo")
    here.unpin(cid)
    here.gc()

    call_command("engine", "move", "--to", "embedded")

    assert here.has(cid, recursive=True)
    assert pins(here) == {(cid, network.PIN_NAME)}


def test_an_engine_that_is_away_moves_nothing(
    here: NodeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(1)

    def away() -> None:
        raise EngineDown("The node's RPC does not answer.")

    monkeypatch.setattr(engines.engine("kubo"), "selftest", away)
    with pytest.raises(CommandError, match="does not answer"):
        call_command("engine", "move", "--to", "kubo")
    assert not Move.objects.exists()


def test_status_says_which_engine_and_how_far(
    here: NodeEngine, there: Broken, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(1)
    keep(2)
    there.left = 1
    with pytest.raises(CommandError):
        call_command("engine", "move", "--to", "kubo")
    capsys.readouterr()

    call_command("engine", "status")

    said = capsys.readouterr().out
    assert "NODE_ENGINE=embedded" in said
    assert "2 contents" in said
    assert "Move to kubo: 1 moved" in said
    assert "1 due" in said


def test_where_tells_who_keeps_a_content(
    here: NodeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    cid = keep(1)
    here.pin(cid, name="a tenant")

    call_command("engine", "where", cid)

    said = capsys.readouterr().out
    assert "kept as 'site' since" in said
    assert "kept as 'a tenant' since" in said
    with pytest.raises(CommandError, match="CID"):
        call_command("engine", "where", "nonsense")


def test_an_engine_nobody_knows_is_refused(settings: Settings) -> None:
    settings.NODE_ENGINE = "floppy"
    with pytest.raises(Exception, match="embedded, kubo"):
        engines.chosen()
