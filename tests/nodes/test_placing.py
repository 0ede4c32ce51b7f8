"""Public content on nodes: placed, counted, repaired, ended, never twice with one operator."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.nodes.pretend import Crowd, held, rounds
from wetube.content import network
from wetube.nodes import health, leasing, placing, presence
from wetube.nodes.models import Lease, Node, Placement

pytestmark = pytest.mark.django_db


def placed(data: bytes = b"a film" * 1000, copies: int = 3) -> Placement:
    """A content kept by the site, and to be kept by nodes."""
    cid = network.store_bytes([data])
    size = network.engine().stat(cid).dag_size
    network.keep(cid, size=size, holder="video:x", is_open=True)
    return placing.place(cid, size=size, holder="video:x", is_open=True, copies=copies)


def test_content_lies_on_as_many_nodes_as_wanted_each_of_another_operator(crowd: Crowd) -> None:
    crowd.join(5)
    placement = placed()
    rounds()
    leases = held(placement)
    assert len({lease.node.operator_id for lease in leases}) == 3
    assert all(crowd.of(lease.node).engine.has(placement.root) for lease in leases)
    placement.refresh_from_db()
    assert (placement.healthy, bool(placement.filled)) == (3, True)


def test_leases_that_are_not_renewed_keep_no_others_from_it(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever holds many leases lets all others run out by becoming too dear."""
    crowd.join(2)
    placement = placed(copies=2)
    rounds()
    monkeypatch.setattr(leasing, "MOST", 1)
    dear, fair = sorted(held(placement), key=lambda lease: lease.pk)
    soon = timezone.now() + timedelta(days=1)
    Lease.objects.update(not_after=soon)
    Node.objects.filter(pk=dear.node_id).update(prices={"storage": 1 << 50, "delivery": 0})

    leasing.renew()

    dear.refresh_from_db()
    fair.refresh_from_db()
    assert dear.not_after == soon
    assert fair.not_after > soon + timedelta(days=20)


def test_saying_it_again_asks_nobody_again(crowd: Crowd) -> None:
    crowd.join(5)
    placement = placed()
    rounds()
    assert placed() == placement
    rounds()
    assert Lease.objects.count() == 3


def test_two_nodes_of_one_operator_or_prefix_never_keep_the_same_content(crowd: Crowd) -> None:
    first, second, third, fourth = crowd.join(4)
    Node.objects.filter(pk=second.pk).update(operator=first.operator)
    Node.objects.filter(pk=fourth.pk).update(prefix=third.prefix)
    placement = placed()
    rounds()
    assert len(held(placement)) == 2
    placement.refresh_from_db()
    assert placement.filled is None


def test_a_dear_full_or_sent_away_node_is_not_asked(crowd: Crowd) -> None:
    crowd.join(prices={"storage": 10**9, "delivery": 0, "compute": {}})
    crowd.join(free=10)
    crowd.join(state=Node.State.REFUSED)
    crowd.join(state=Node.State.SUSPECT)
    placed()
    rounds()
    assert not Lease.objects.exists()


def test_who_refuses_is_replaced_and_not_asked_again_at_once(crowd: Crowd) -> None:
    nodes = crowd.join(3)
    for node in nodes[:2]:
        crowd.of(node).refuses = True
    placement = placed(copies=1)
    rounds(6)
    assert [lease.node for lease in held(placement)] == [nodes[2]]
    assert Lease.objects.filter(state="refused").count() <= 2


def test_who_does_not_answer_an_offer_is_replaced_in_the_end(crowd: Crowd) -> None:
    dead, alive = crowd.join(2)
    crowd.kill(dead)
    placement = placed(copies=1)
    rounds(12)
    assert [lease.node for lease in held(placement)] == [alive]


def test_a_lost_copy_is_made_anew_elsewhere(crowd: Crowd) -> None:
    nodes = crowd.join(4)
    placement = placed()
    rounds()
    gone = held(placement)[0].node
    crowd.kill(gone)
    days_ago = timezone.now() - timedelta(days=2)
    Node.objects.filter(pk=gone.pk).update(last_seen=days_ago)
    rounds(1)
    gone.refresh_from_db()
    assert gone.state == Node.State.LOST
    rounds()
    assert {lease.node for lease in held(placement)} == set(nodes) - {gone}


def test_a_silent_node_is_waited_for(crowd: Crowd) -> None:
    crowd.join(4)
    placement = placed()
    rounds()
    silent = held(placement)[0].node
    two_hours_ago = timezone.now() - timedelta(hours=2)
    Node.objects.filter(pk=silent.pk).update(last_seen=two_hours_ago)
    rounds()
    silent.refresh_from_db()
    assert silent.state == Node.State.SUSPECT
    assert Lease.objects.count() == 3
    assert not Lease.objects.readable().filter(node=silent).exists()
    Node.objects.filter(pk=silent.pk).update(last_seen=timezone.now())
    presence.heard(silent)
    rounds()
    placement.refresh_from_db()
    assert (placement.healthy, Lease.objects.count()) == (3, 3)


def test_content_nobody_keeps_any_more_leaves_the_nodes(crowd: Crowd) -> None:
    crowd.join(3)
    placement = placed()
    rounds()
    placing.end([placement])
    placing.end([placement])
    rounds()
    placement.refresh_from_db()
    assert placement.state == Placement.State.ENDED
    assert not any(node.leases for node in crowd.nodes.values())
    assert set(Lease.objects.values_list("state", flat=True)) == {"ended"}


def test_what_ended_may_be_placed_again(crowd: Crowd) -> None:
    crowd.join(3)
    placing.end([placed()])
    rounds()
    placement = placed()
    rounds()
    assert len(held(placement)) == 3


def test_a_node_that_leaves_goes_once_its_copies_lie_elsewhere(crowd: Crowd) -> None:
    crowd.join(3)
    placement = placed()
    rounds()
    leaving = held(placement)[0].node
    presence.leave(leaving)
    presence.leave(leaving)
    rounds()
    leaving.refresh_from_db()
    assert leaving.state == Node.State.LEAVING  # nobody else is there to take its copy
    crowd.join()
    rounds(5)
    leaving.refresh_from_db()
    assert leaving.state == Node.State.GONE
    assert leaving not in {lease.node for lease in held(placement)}
    assert len(held(placement)) == 3
    assert not crowd.of(leaving).leases


def test_leases_are_renewed_long_before_they_end(crowd: Crowd) -> None:
    crowd.join(3)
    placement = placed()
    rounds()
    soon = timezone.now() + timedelta(days=20)
    Lease.objects.update(not_after=soon, told_until=soon)
    rounds()
    for lease in held(placement):
        assert lease.not_after > timezone.now() + timedelta(days=30)
        assert lease.told_until == lease.not_after
        terms = crowd.of(lease.node).leases[lease.serial]
        assert terms.not_after == int(lease.not_after.timestamp())


def test_a_node_that_became_too_dear_is_left_when_its_lease_ends(crowd: Crowd) -> None:
    crowd.join(4)
    placement = placed()
    rounds()
    dear = held(placement)[0].node
    Node.objects.filter(pk=dear.pk).update(prices={"storage": 10**9})
    past = timezone.now() - timedelta(seconds=1)
    Lease.objects.filter(node=dear).update(not_before=past - timedelta(days=1), not_after=past)
    rounds()
    assert dear not in {lease.node for lease in held(placement)}
    assert len(held(placement)) == 3
    assert not crowd.of(dear).leases


def test_the_badge_tells_how_content_is_kept(crowd: Crowd) -> None:
    crowd.join(3)
    placement = placed()
    assert health.of("bafkqaaa") is None
    rounds()
    kept = health.of(placement.root)
    assert kept is not None
    assert (kept.copies, kept.wanted, kept.needed) == (3, 3, 1)
    assert kept.is_safe
    assert kept.is_readable


def test_a_step_taken_twice_changes_nothing(crowd: Crowd) -> None:
    crowd.join(3)
    placement = placed()
    for lease_id in placing.look(placement.pk):
        assert leasing.advance(lease_id)
        assert leasing.advance(lease_id)
        assert not leasing.advance(lease_id)
    assert len(held(placement)) == 3
    before = list(Lease.objects.values_list("pk", "state", "told_until"))
    assert not any(leasing.advance(lease.pk) for lease in Lease.objects.all())
    assert list(Lease.objects.values_list("pk", "state", "told_until")) == before


def test_the_barest_content_is_looked_at_first(crowd: Crowd) -> None:
    crowd.join(3)
    for number, healthy in enumerate((3, 1, 2)):
        made = placed(b"film %d" % number)
        Placement.objects.filter(pk=made.pk).update(healthy=healthy, looked_at=None)
    seen_lately = placed(b"another")
    long_ago = timezone.now() - timedelta(minutes=5)
    Placement.objects.filter(pk=seen_lately.pk).update(looked_at=long_ago)
    left = dict(Placement.objects.values_list("pk", "healthy"))
    due = placing.due()
    assert [left[pk] for pk in due[:3]] == [1, 2, 3]
    assert due[3:] == [seen_lately.pk]


def test_counting_costs_the_same_for_many_nodes(
    crowd: Crowd, django_assert_max_num_queries: object
) -> None:
    crowd.join(3)
    placement = placed()
    rounds()
    crowd.join(10)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        placing.look(placement.pk)
