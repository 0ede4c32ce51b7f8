"""A pin request on its way: met by what is open or the network gives, never by private bytes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from gateway.node import certificates
from node_bridge import MemoryEngine, dagpb
from node_bridge import cid as cids
from node_bridge.cid import DAG_PB
from node_bridge.dagpb import Link
from node_bridge.unixfs import FOLDER
from tests.network.peers import Answer, Peer, always, honest, status, whole
from tests.pinning.make import held, nowhere
from wetube.content import network, parts
from wetube.content.models import Content, Pin
from wetube.core import claims
from wetube.nodes import pulling
from wetube.people import farewell
from wetube.people.models import User
from wetube.pinning import asking, gathering, wishes
from wetube.pinning.models import PinRequest

FILE = Random(7).randbytes(3 << 20)  # three blocks and a node above them


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> Iterator[None]:
    settings.NODE_RANGES = ["127.0.0.0/8"]
    pulling.guard.cache_clear()
    yield
    pulling.guard.cache_clear()


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[Callable[[Answer], str]]:
    """Starts a peer; the multiaddr that leads to it."""
    certificate = certificates.own(tmp_path, "an origin")
    started: list[Peer] = []

    def start(answer: Answer) -> str:
        peer = Peer(certificate, answer)
        started.append(peer)
        port = peer.url.rpartition(":")[2]
        return f"/ip4/127.0.0.1/tcp/{port}/tls/http#{certificate.digest}"

    yield start
    for peer in started:
        peer.close()


@pytest.fixture
def abroad() -> MemoryEngine:
    """What lies on somebody else's node."""
    return MemoryEngine()


def asked(owner: User, cid: str, *origins: str) -> PinRequest:
    return asking.ask(owner, wishes.wish({"cid": cid, "origins": list(origins)}))


def gathered(request: PinRequest) -> PinRequest:
    gathering.gather(request.pk)
    request.refresh_from_db()
    return request


def test_what_is_open_here_is_kept_at_once(alice: User) -> None:
    request = gathered(asked(alice, held(b"hello")))
    assert (request.state, request.size) == ("pinned", 5)
    network.let_go("video:1")
    assert Pin.objects.get().holder == request.holder


def test_a_part_of_what_is_open_is_open(alice: User) -> None:
    leaf = network.store_bytes([FILE[: 1 << 20]])
    whole_cid = network.store_bytes([FILE])
    network.keep(whole_cid, size=len(FILE), holder="video:1", is_open=True)
    parts.list_blocks(Content.objects.get(cid=whole_cid))
    assert gathered(asked(alice, leaf)).state == "pinned"
    assert Content.objects.get(cid=leaf).size == 1 << 20


def test_what_is_kept_privately_is_as_good_as_absent(alice: User) -> None:
    request = gathered(asked(alice, held(is_open=False)))
    assert request.state == "queued"
    assert not Pin.objects.filter(is_open=True).exists()


def test_private_bytes_do_not_come_in_under_a_strangers_root(
    alice: User, origin: Callable[[Answer], str], abroad: MemoryEngine
) -> None:
    """A folder made to point at what lies here in private: its maker cannot give the rest."""
    private = held(b"a private letter", is_open=False)
    abroad.add([b"a private letter"])
    root = abroad.add_dir({"letter": private}).cid

    def only_the_root(asked: object, line: object) -> bytes | None:
        wanted = asked.cid  # type: ignore[attr-defined]
        return whole(abroad.get_block(root)) if wanted == root else always(None)(asked, line)  # type: ignore[arg-type]

    request = gathered(asked(alice, root, origin(only_the_root)))
    assert request.state == "queued"
    assert not network.engine().has(root)
    assert not Pin.objects.filter(is_open=True).exists()


def test_an_open_leaf_is_no_key_to_private_bytes(alice: User) -> None:
    """Its bytes read as a folder that links to them; as a leaf it is open, as a folder absent."""
    private = cids.parse(held(b"a private letter", is_open=False))
    folder = dagpb.encode(FOLDER, [Link("letter", 0, private)])
    held(folder)
    parts.list_what_is_open()
    assert gathered(asked(alice, str(cids.of(folder, DAG_PB)))).state == "queued"
    assert not Pin.objects.filter(content__cid=str(cids.of(folder, DAG_PB))).exists()


def test_foreign_bytes_come_from_the_origin_and_are_kept_openly(
    alice: User, origin: Callable[[Answer], str], abroad: MemoryEngine
) -> None:
    added = abroad.add([FILE])
    request = gathered(asked(alice, added.cid, "/dns/x/udp/1/quic-v1", origin(honest(abroad))))
    assert (request.state, request.size) == ("pinned", added.dag_size)
    assert b"".join(network.engine().cat(added.cid)) == FILE
    assert Pin.objects.get().is_open
    assert not gathering._folder(request.key).exists()


def test_a_liar_gives_nothing(
    alice: User, origin: Callable[[Answer], str], abroad: MemoryEngine
) -> None:
    cid = abroad.add([FILE]).cid
    request = gathered(asked(alice, cid, origin(always(whole(b"something else")))))
    assert request.state == "queued"
    assert request.why == gathering.NOBODY
    assert not network.engine().has(cid)


def test_a_fetch_goes_on_where_it_broke_off(
    alice: User, origin: Callable[[Answer], str], abroad: MemoryEngine
) -> None:
    cid = abroad.add([FILE]).cid
    *_, last = abroad.blocks(cid)
    some = honest(abroad)
    one_missing = origin(lambda a, line: status(404) if a.cid == last else some(a, line))
    request = gathered(asked(alice, cid, one_missing))
    assert (request.state, network.engine().has(cid)) == ("queued", False)
    assert request.size > 2 << 20
    PinRequest.objects.update(origins=[origin(honest(MemoryEngine())), origin(honest(abroad))])
    assert gathered(request).state == "pinned"


def test_a_long_fetch_lets_others_have_their_turn_and_goes_on(
    alice: User,
    origin: Callable[[Answer], str],
    abroad: MemoryEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cid = abroad.add([FILE]).cid
    monkeypatch.setattr(gathering, "SPELL", -1.0)
    request = gathered(asked(alice, cid, origin(honest(abroad))))
    assert (request.state, request.attempts, request.why) == ("queued", 0, "")
    assert 0 < request.size < 3 << 20
    assert request.pk in gathering.due()
    monkeypatch.setattr(gathering, "SPELL", 60.0)
    assert gathered(request).state == "pinned"


def test_workers_have_other_work_too(alice: User) -> None:
    for name in range(gathering.AT_ONCE):
        PinRequest.objects.filter(pk=asked(alice, nowhere(str(name))).pk).update(
            state="pinning", claimed_until=claims.until()
        )
    request = asked(alice, held())
    assert gathered(request).state == "queued"
    assert gathering.due() == [request.pk]
    PinRequest.objects.filter(state="pinning").update(claimed_until=None)
    assert gathered(request).state == "pinned"


def test_more_than_one_may_keep_is_given_up_and_leaves_nothing(
    alice: User, origin: Callable[[Answer], str], abroad: MemoryEngine, settings: Settings
) -> None:
    settings.PIN_QUOTA_BYTES = 1 << 20
    cid = abroad.add([FILE]).cid
    request = gathered(asked(alice, cid, origin(honest(abroad))))
    assert (request.state, request.why, request.size) == ("failed", gathering.TOO_MUCH, 0)
    assert not network.engine().has(cid)
    assert not gathering._folder(request.key).exists()
    too_much = gathered(asked(alice, held(FILE)))
    assert too_much.state == "failed"
    assert not Pin.objects.filter(holder=too_much.holder).exists()


def test_private_networks_are_not_called(
    alice: User, origin: Callable[[Answer], str], abroad: MemoryEngine, settings: Settings
) -> None:
    settings.NODE_RANGES = []
    pulling.guard.cache_clear()
    calls: list[object] = []
    cid = abroad.add([FILE]).cid
    request = gathered(asked(alice, cid, origin(lambda a, _: calls.append(a))))
    assert request.state == "queued"
    assert not calls


def test_what_nobody_has_is_looked_for_again_and_again_and_then_given_up(alice: User) -> None:
    request = gathered(asked(alice, nowhere()))
    pauses = []
    while request.state == "queued":
        assert request.pk not in gathering.due()
        pauses.append(request.next_try - timezone.now())
        with time_machine.travel(request.next_try + timedelta(seconds=1)):
            assert request.pk in gathering.due()
        gathered(request)
    assert pauses[0] < timedelta(minutes=2) < pauses[8] <= timedelta(hours=1)
    assert request.attempts == gathering.MOST_ATTEMPTS == len(pauses) + 1
    assert request.state == "failed"
    assert asking.try_again(alice, request.key).state == "queued"


def test_one_worker_at_a_time_and_a_dead_ones_work_is_taken_up(alice: User) -> None:
    request = asked(alice, held())
    PinRequest.objects.update(state="pinning", claimed_until=claims.until())
    assert gathered(request).state == "pinning"
    assert request.pk not in gathering.due()
    PinRequest.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert request.pk in gathering.due()
    assert gathered(request).state == "pinned"
    assert gathered(request).attempts == 0


def test_a_request_taken_back_while_it_is_met_keeps_nothing(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = asked(alice, held())
    keep = network.keep

    def keep_late(*args: object, **kwargs: object) -> object:
        asking.remove(alice, request.key)
        return keep(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(network, "keep", keep_late)
    gathering.gather(request.pk)
    assert not PinRequest.objects.exists()
    assert [pin.holder for pin in Pin.objects.all()] == ["video:1"]


def test_what_is_held_for_nobody_any_more_is_let_go(alice: User, settings: Settings) -> None:
    kept = gathered(asked(alice, held()))
    network.keep(kept.cid, size=1, holder="pin:lost", is_open=True)
    old, new = (Path(settings.WORK_DIR) / "pins" / name for name in ("lost", "mine"))
    waiting = asked(alice, nowhere())
    for folder in (old, new.with_name(waiting.key)):
        folder.mkdir(parents=True)
    assert gathering.let_go_of_lost() == 1
    assert {pin.holder for pin in Pin.objects.all()} == {"video:1", kept.holder}
    assert [folder.name for folder in old.parent.iterdir()] == [waiting.key]


def test_who_leaves_lets_go(alice: User) -> None:
    gathered(asked(alice, held()))
    farewell.leave(alice)
    assert not PinRequest.objects.exists()
    assert [pin.holder for pin in Pin.objects.all()] == ["video:1"]
