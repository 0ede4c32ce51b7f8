"""Private bytes: stored, read in any range, with nodes dead, repaired to the very same bytes."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node_bridge import MemoryEngine
from node_bridge.network.coding import SMALL, BadSeal
from tests.nodes.pretend import Crowd, held, rounds
from wetube.content import network
from wetube.content.models import Content, Pin
from wetube.nodes import auditing, placing, presence, sealing, unsealing
from wetube.nodes.models import Audit, Lease, Node, Placement
from wetube.nodes.sealing import Sealed, TooFewOperators, Unreachable
from wetube.nodes.unsealing import NotStored

pytestmark = pytest.mark.django_db
BYTES = Random(7).randbytes(2 * SMALL.stripe + 12_345)


@pytest.fixture(autouse=True)
def _fresh_manifests() -> Iterator[None]:
    unsealing._manifest.cache_clear()
    yield
    unsealing._manifest.cache_clear()


def stored(data: bytes = BYTES) -> Sealed:
    made = sealing.store_private([data])
    rounds()
    return made


def away_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own node is empty from now on."""
    empty = MemoryEngine()
    monkeypatch.setattr(network, "engine", lambda: empty)


def read(made: Sealed, *within: int) -> bytes:
    return b"".join(unsealing.read_private(made.reference, made.key, *within))


def coded() -> Placement:
    return Placement.objects.get(kind="coded")


def test_it_is_read_back_before_and_after_its_nodes_have_it(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.join(6)
    made = sealing.store_private([BYTES])
    assert read(made) == BYTES
    rounds()
    away_from_home(monkeypatch)
    unsealing._manifest.cache_clear()
    assert read(made) == BYTES
    assert unsealing.size_of(made.reference, made.key) == len(BYTES) == made.size


def test_each_shard_lies_with_another_operator_and_the_manifest_on_three(crowd: Crowd) -> None:
    crowd.join(7)
    stored()
    leases = held(coded())
    assert sorted(lease.index for lease in leases) == [0, 1, 2, 3, 4]
    assert len({lease.node.operator_id for lease in leases}) == 5
    assert [lease.cid for lease in sorted(leases, key=lambda each: each.index)] == coded().columns
    manifest = Placement.objects.get(kind="whole")
    assert len(held(manifest)) == 3


def test_no_node_and_no_row_shows_a_byte_of_it(crowd: Crowd) -> None:
    crowd.join(5)
    secret = b"the secret of the house " * 100
    made = stored(secret)
    for node in crowd.nodes.values():
        for lease in node.leases.values():
            assert b"secret" not in b"".join(node.engine.export_car(lease.cid))
    assert not Pin.objects.filter(is_open=True).exists()
    assert made.key.hex() not in repr(made)


def test_our_own_node_lets_go_once_its_nodes_hold_it(crowd: Crowd) -> None:
    crowd.join(5)
    sealing.store_private([BYTES])
    assert Pin.objects.count() == 6
    rounds()
    assert not Pin.objects.exists()
    network.reconcile()
    assert not Content.objects.exists()


def test_n_minus_k_dead_nodes_are_not_missed(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd.join(5)
    made = stored()
    away_from_home(monkeypatch)
    leases = held(coded())
    assert read(made) == BYTES  # and the manifest is known
    crowd.kill(leases[0].node, leases[1].node)
    assert read(made) == BYTES
    crowd.kill(leases[2].node)
    with pytest.raises(Unreachable):
        read(made)


def test_lost_shards_are_made_anew_byte_for_byte_without_the_key(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.join(7)
    made = stored()
    away_from_home(monkeypatch)
    before = held(coded())
    columns = list(coded().columns)
    for lease in before[:2]:
        crowd.kill(lease.node)
        Node.objects.filter(pk=lease.node.pk).update(state=Node.State.LOST)
        Lease.objects.filter(pk=lease.pk).update(state=Lease.State.LOST)
    rounds(6)
    after = held(coded())
    assert sorted(lease.index for lease in after) == [0, 1, 2, 3, 4]
    assert [lease.cid for lease in sorted(after, key=lambda each: each.index)] == columns
    new = [lease for lease in after if lease.pk not in {each.pk for each in before}]
    assert len(new) == 2
    for lease in new:
        assert crowd.of(lease.node).engine.has(lease.cid, recursive=True)
    crowd.kill(*[lease.node for lease in before[2:4]])
    assert read(made) == BYTES
    assert not Pin.objects.exists()


def test_one_lost_shard_of_many_waits_and_too_few_are_repaired(crowd: Crowd) -> None:
    crowd.join(16)
    stored()
    assert coded().wanted == 10
    for lease in held(coded())[:1]:
        Lease.objects.filter(pk=lease.pk).update(state=Lease.State.LOST)
    rounds()
    assert len(held(coded())) == 9
    for lease in held(coded())[:1]:
        Lease.objects.filter(pk=lease.pk).update(state=Lease.State.LOST)
    rounds()
    assert len(held(coded())) == 10


def test_a_manifest_copy_that_is_lost_is_copied_from_another_node(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.join(6)
    stored()
    away_from_home(monkeypatch)
    manifest = Placement.objects.get(kind="whole")
    lost = held(manifest)[0]
    crowd.kill(lost.node)
    Node.objects.filter(pk=lost.node.pk).update(state=Node.State.LOST)
    Lease.objects.filter(pk=lost.pk).update(state=Lease.State.LOST)
    rounds()
    assert len(held(manifest)) == 3


def test_a_node_that_leaves_hands_its_shards_over_by_itself(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.join(6)
    made = stored()
    away_from_home(monkeypatch)
    leaving = next(lease for lease in held(coded()) if lease.index == 4)
    asked = {url: node.asked for url, node in crowd.nodes.items()}
    remade: list[object] = []
    monkeypatch.setattr("wetube.nodes.restoring._column", remade.append)
    presence.leave(leaving.node)
    rounds(5)
    assert not remade
    assert sorted(lease.index for lease in held(coded())) == [0, 1, 2, 3, 4]
    leaving.node.refresh_from_db()
    assert leaving.node.state == Node.State.GONE
    assert crowd.of(leaving.node).asked > asked[leaving.node.urls[0]]
    assert read(made) == BYTES


def test_shards_are_audited_by_their_nodes_own_bytes(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd.join(5)
    stored()
    away_from_home(monkeypatch)
    cheat, honest = held(coded())[:2]
    crowd.of(cheat.node).forgets = True
    for lease, verdict in ((honest, "passed"), (honest, "passed"), (cheat, "failed")):
        audit = auditing.ask(lease.pk)
        assert audit
        assert auditing.put(audit.pk) == verdict
    assert set(Audit.objects.values_list("lease", flat=True)) == {cheat.pk, honest.pk}


def test_another_key_opens_nothing(crowd: Crowd) -> None:
    crowd.join(5)
    made = stored()
    with pytest.raises(BadSeal):
        next(unsealing.read_private(made.reference, bytes(32)))
    with pytest.raises(NotStored):
        next(unsealing.read_private("bafkqaaa", made.key))


def test_an_empty_file_and_a_small_one_are_files_too(crowd: Crowd) -> None:
    crowd.join(5)
    for data in (b"", b"x"):
        assert read(stored(data)) == data


def test_two_equal_files_share_nothing(crowd: Crowd) -> None:
    crowd.join(5)
    first, second = stored(), stored()
    assert first.reference != second.reference
    one, other = Placement.objects.filter(kind="coded")
    assert not set(one.columns) & set(other.columns)


def test_forgetting_takes_it_from_all_nodes(crowd: Crowd) -> None:
    crowd.join(5)
    made = stored()
    sealing.forget_private(made.reference)
    sealing.forget_private(made.reference)
    rounds()
    assert not any(node.leases for node in crowd.nodes.values())
    assert set(Placement.objects.values_list("state", flat=True)) == {"ended"}


def test_too_few_operators_keep_nothing(crowd: Crowd) -> None:
    crowd.join(4)
    with pytest.raises(TooFewOperators):
        sealing.store_private([BYTES])
    assert not Placement.objects.exists()
    assert not Content.objects.exists()


def test_a_stream_that_breaks_off_leaves_nothing(crowd: Crowd) -> None:
    crowd.join(5)

    def cut() -> Iterator[bytes]:
        yield BYTES
        raise ConnectionResetError

    with pytest.raises(Unreachable):
        sealing.store_private(cut())
    assert not Placement.objects.exists()
    assert not Pin.objects.exists()


def test_a_large_file_has_parts_on_nodes_of_their_own(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("node_bridge.network.striping", "node_bridge.network.manifests"):
        monkeypatch.setattr(f"{module}.PART_STRIPES", 2)
    crowd.join(8)
    made = stored()
    assert Placement.objects.filter(kind="coded").count() == 2
    assert read(made) == BYTES
    assert read(made, SMALL.stripe * 2 - 3, 6) == BYTES[SMALL.stripe * 2 - 3 :][:6]
    placed_on = [
        {lease.node_id for lease in held(each)} for each in Placement.objects.filter(kind="coded")
    ]
    assert all(len(nodes) == 5 for nodes in placed_on)


@pytest.fixture
def one(crowd: Crowd) -> Sealed:
    crowd.join(5)
    return stored()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None
)
@given(st.integers(0, len(BYTES) + 10), st.integers(0, len(BYTES) + 10))
def test_any_range_is_what_it_is_in_the_file(one: Sealed, offset: int, length: int) -> None:
    assert read(one, offset, length) == BYTES[offset : offset + length]


def test_placing_does_not_ask_for_shards_that_are_there(one: Sealed) -> None:
    before = Lease.objects.count()
    Placement.objects.update(looked_at=None)
    for placement_id in placing.due():
        assert placing.look(placement_id) == []
    assert Lease.objects.count() == before
