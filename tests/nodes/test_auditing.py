"""Audits: who holds the bytes passes, earns and is trusted; who does not, loses the lease."""

from datetime import timedelta
from random import Random

import pytest
from django.utils import timezone

from node_bridge.network import leases as lease_terms
from node_bridge.network.failures import NotHeld
from tests.nodes.make_audits import audited
from tests.nodes.pretend import Crowd, held, rounds
from tests.nodes.test_placing import placed
from wetube.nodes import auditing, placing, presence, questions, sampling
from wetube.nodes.models import Audit, Lease, Node, Placement, Question, StorageDay

pytestmark = pytest.mark.django_db
State = Audit.State


def without_own_copy(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wetube.nodes.shards.own", lambda _cid: None)


def test_a_node_that_holds_its_bytes_passes_and_earns_the_time_since_the_last_proof(
    lease: Lease,
) -> None:
    alpha = lease.node.alpha
    audit = audited(lease)
    assert audit.state == State.PASSED
    assert audit.verdict == "passed"
    assert len(audit.nonce) == 64
    assert audit.blocks
    lease.refresh_from_db()
    lease.node.refresh_from_db()
    lease.placement.refresh_from_db()
    assert lease.proved
    assert lease.placement.last_proof
    assert lease.node.alpha > alpha
    day = StorageDay.objects.get()
    worth = lease_terms.worth(price=lease.price, size=lease.size, seconds=86_400)
    assert worth > 0
    assert day.amount == day.full == pytest.approx(worth, rel=0.001)
    assert (day.passed, day.asked) == (1, 1)


def test_a_node_that_lost_its_bytes_loses_the_lease_and_earns_nothing(
    crowd: Crowd, lease: Lease
) -> None:
    crowd.of(lease.node).forgets = True
    audit = audited(lease)
    assert audit.state == State.FAILED
    lease.refresh_from_db()
    assert lease.state == Lease.State.LOST
    day = StorageDay.objects.get()
    assert day.amount == 0
    assert day.full > 0
    rounds()
    assert len(held(lease.placement)) == 3
    assert lease.node not in {each.node for each in held(lease.placement)}


def test_a_wrong_root_is_a_failed_proof(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.nodes.pretend.challenges.answer", lambda *_: bytes(32))
    made = auditing.ask(lease.pk)
    assert made
    monkeypatch.setattr("wetube.nodes.questions.expected", lambda *_: bytes(31) + b"\1")
    assert auditing.put(made.pk) == State.FAILED


def test_a_silent_node_is_asked_the_same_again_before_it_is_judged(
    crowd: Crowd, lease: Lease
) -> None:
    crowd.kill(lease.node)
    made = auditing.ask(lease.pk)
    assert made
    beta = lease.node.beta
    for _turn in range(auditing.TURNS - 1):
        assert auditing.put(made.pk) == ""
        lease.node.refresh_from_db()
        assert lease.node.beta == beta
        assert made.pk not in auditing.waiting()
        Audit.objects.update(state_since=timezone.now() - timedelta(hours=1))
        assert made.pk in auditing.waiting()
    assert auditing.put(made.pk) == State.UNANSWERED
    lease.node.refresh_from_db()
    lease.refresh_from_db()
    assert lease.node.beta > beta
    assert lease.state == Lease.State.HELD
    assert StorageDay.objects.get().amount == 0


def test_a_part_that_nobody_answers_for_is_lost_though_the_node_is_there(
    crowd: Crowd, lease: Lease
) -> None:
    """Else who lost a part says nothing of it, and it counts as a copy for good."""
    crowd.kill(lease.node)
    for number in range(3):
        lease.refresh_from_db()
        assert lease.state == Lease.State.HELD, number
        made = auditing.ask(lease.pk)
        assert made is not None
        for _ in range(auditing.TURNS):
            auditing.put(made.pk)
        made.refresh_from_db()
        assert made.state == State.UNANSWERED
    lease.refresh_from_db()
    assert lease.state == Lease.State.LOST

    crowd.of(lease.node).is_up = True
    assert audited(lease).state == State.PASSED
    lease.refresh_from_db()
    assert lease.state == Lease.State.HELD


def test_a_lease_has_one_question_at_a_time(lease: Lease) -> None:
    assert auditing.ask(lease.pk)
    assert auditing.ask(lease.pk) is None
    assert lease.pk not in auditing.due()


def test_a_verdict_counts_once(lease: Lease) -> None:
    audit = audited(lease)
    before = _counted()
    assert auditing.put(audit.pk) == ""
    assert _counted() == before


def _counted() -> list[object]:
    return [*Node.objects.values_list("pk", "alpha", "beta"), *StorageDay.objects.values()]


def test_a_late_answer_keeps_the_lease_and_earns_nothing(lease: Lease, settings: object) -> None:
    settings.AUDIT_DEADLINE_SECONDS = 0.000001  # type: ignore[attr-defined]
    audit = audited(lease)
    assert audit.state == State.LATE
    assert StorageDay.objects.get().amount == 0
    lease.refresh_from_db()
    assert lease.state == Lease.State.HELD


def test_what_the_gateway_has_not_itself_is_judged_by_a_fetched_block_then_by_questions(
    lease: Lease, monkeypatch: pytest.MonkeyPatch, crowd: Crowd
) -> None:
    without_own_copy(lease, monkeypatch)
    monkeypatch.setattr(questions, "FRESH", 0.0)
    first = audited(lease)
    assert (first.state, first.nonce) == (State.PASSED, "")
    kept = Question.objects.count()
    assert kept > 0
    second = audited(lease)
    assert second.state == State.PASSED
    assert second.expected
    assert Question.objects.count() == kept - 1
    crowd.of(lease.node).forgets = True
    assert audited(lease).state == State.FAILED
    assert Question.objects.count() == kept - 2


def test_who_keeps_only_the_blocks_that_were_fetched_once_does_not_pass_on_kept_questions(
    lease: Lease, monkeypatch: pytest.MonkeyPatch, crowd: Crowd
) -> None:
    """However many questions are kept, chance fetches another block, which it has not."""
    without_own_copy(lease, monkeypatch)
    monkeypatch.setattr(sampling, "_chance", Random(3))
    monkeypatch.setattr(questions, "_chance", Random(3))
    audited(lease)
    assert Question.objects.count() == questions.MOST
    asked = set(Question.objects.values_list("cid", flat=True))
    cheat = crowd.of(lease.node)
    held_all = cheat.engine.get_block

    def only_what_was_asked(cid: str) -> bytes:
        if cid not in asked | {lease.cid}:
            raise NotHeld("It was thrown away.")
        return held_all(cid)

    monkeypatch.setattr(cheat, "_block", only_what_was_asked)
    verdicts: list[str] = []
    while State.FAILED not in verdicts and len(verdicts) < questions.MOST:
        verdicts.append(audited(lease).state)
    assert verdicts[-1] == State.FAILED
    lease.refresh_from_db()
    assert lease.state != Lease.State.HELD


def test_questions_of_a_part_do_not_pile_up(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    without_own_copy(lease, monkeypatch)
    monkeypatch.setattr(questions, "FRESH", 1.0)
    for _ in range(3):
        assert audited(lease).state == State.PASSED
    assert Question.objects.count() == questions.MOST


def test_a_node_that_fetches_nothing_for_a_foreign_block_fails(
    lease: Lease, monkeypatch: pytest.MonkeyPatch, crowd: Crowd
) -> None:
    without_own_copy(lease, monkeypatch)
    crowd.of(lease.node).forgets = True
    assert audited(lease).state == State.FAILED


def test_who_fails_again_and_again_is_sent_away(crowd: Crowd, lease: Lease) -> None:
    node = lease.node
    crowd.of(node).forgets = True
    audited(lease)
    node.refresh_from_db()
    assert node.state == Node.State.ACTIVE  # a newcomer is forgiven one
    Lease.objects.filter(pk=lease.pk).update(state=Lease.State.HELD)
    audited(lease)
    node.refresh_from_db()
    assert node.state == Node.State.REFUSED
    assert not Lease.objects.filter(node=node).running().exists()


def test_a_node_that_comes_back_with_its_bytes_is_forgiven_where_they_are_still_missing(
    crowd: Crowd,
) -> None:
    crowd.join(3)
    placement = placed()
    rounds()
    lease = held(placement)[0]
    _lose(lease.node)
    _come_back(lease.node)
    lease.refresh_from_db()
    assert lease.pk in auditing.due()
    assert audited(lease).state == State.PASSED
    lease.refresh_from_db()
    assert lease.state == Lease.State.HELD
    rounds()
    assert len(held(placement)) == 3


def test_a_node_that_comes_back_too_late_is_told_to_let_go(crowd: Crowd) -> None:
    crowd.join(4)
    placement = placed()
    rounds()
    lease = held(placement)[0]
    _lose(lease.node)
    rounds()
    assert len(held(placement)) == 3
    _come_back(lease.node)
    assert audited(lease).state == State.PASSED
    rounds()
    lease.refresh_from_db()
    assert lease.state == Lease.State.ENDED
    assert not crowd.of(lease.node).leases
    assert len(held(placement)) == 3


def _come_back(node: Node) -> None:
    Node.objects.filter(pk=node.pk).update(last_seen=timezone.now())
    presence.welcome(node)
    presence.let_in(node, prefix=node.prefix)


def _lose(node: Node) -> None:
    Node.objects.filter(pk=node.pk).update(last_seen=timezone.now() - timedelta(days=2))
    presence.follow()
    presence.follow()
    node.refresh_from_db()
    assert node.state == Node.State.LOST


def test_ended_content_is_not_asked_for(lease: Lease) -> None:
    placing.end([Placement.objects.get()])
    rounds()
    assert auditing.ask(lease.pk) is None
    assert not auditing.due()
