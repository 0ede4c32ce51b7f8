"""Pieces on offer to nodes: which, in what order, and how they come back to us."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests import make
from tests.nodes import make_pay
from tests.video.transcoding.test_spec import PLAN
from wetube.content import network
from wetube.content.models import Pin
from wetube.nodes import jobs
from wetube.nodes.jobs import Able
from wetube.nodes.models import Job, Node
from wetube.people.models import Channel, User
from wetube.video import encoding, pipeline, remote_pieces, workshop
from wetube.video.models import Piece, Video
from wetube.video.transcoding import sharing, spec
from wetube.video.transcoding.errors import BadMedia
from wetube.video.transcoding.plan import Piece as Planned
from wetube.video.transcoding.plan import Plan
from wetube.video.transcoding.sharing import Unshareable

pytestmark = pytest.mark.django_db

LONG = Plan(
    source=PLAN.source,
    rate=PLAN.rate,
    rungs=PLAN.rungs,
    pieces=(
        Planned(0, "picture", 0, 200),
        Planned(1, "picture", 200, 200),
        Planned(2, "picture", 400, 200),
        Planned(3, "picture", 600),
        Planned(4, "sound"),
    ),
    tone_mapped=False,
    warnings=(),
)


SHARED = b"the picture alone"


@pytest.fixture
def film(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Video:
    """Planned: four pieces of picture and one of sound wait."""

    def share(source: Path, plan: Plan, out_dir: Path) -> Path:
        made = out_dir / "picture.mov"
        made.write_bytes(SHARED)
        return made

    monkeypatch.setattr(sharing, "share", share)
    video = make.video(
        channel, state=Video.State.PLANNED, plan=LONG.to_json(), source_size=LONG.source.size
    )
    source = workshop.source(video.key)
    source.parent.mkdir(parents=True)
    source.write_bytes(b"x" * LONG.source.size)
    for piece in LONG.pieces:
        Piece.objects.create(
            video=video, number=piece.index, turn=1 if piece.kind == "sound" else 2 * piece.index
        )
    return video


@pytest.fixture
def node(bob: User) -> Node:
    return make_pay.node(bob, slots=9, last_seen=timezone.now())


def take(node: Node) -> Job | None:
    return jobs.take(node.peer_id, Able((spec.skill(),), 1 << 30))


def taken(node: Node) -> Job:
    job = take(node)
    assert job
    return job


def number_of(job: Job | None) -> int:
    return Piece.objects.get(job=job).number


def lose(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert jobs.lapse() == [job]


def ours() -> list[int]:
    """Pieces a worker of ours may take now, in the order in which it would."""
    return list(encoding._due().order_by("turn", "pk").values_list("number", flat=True))


def test_without_nodes_nothing_is_offered(film: Video) -> None:
    assert remote_pieces.offer() == 0
    assert not Job.objects.exists()
    assert not Pin.objects.exists()


def test_the_beginning_and_the_sound_stay_ours_and_nodes_begin_at_the_end(
    film: Video, node: Node
) -> None:
    assert remote_pieces.offer() == 3
    assert [number_of(take(node)) for _ in range(3)] == [3, 2, 1]
    assert take(node) is None
    assert ours() == [0, 4]


def test_an_order_says_what_our_own_worker_would_do(film: Video, node: Node) -> None:
    remote_pieces.offer()
    job = taken(node)
    assert job.spec == spec.of(sharing.plan_for(LONG, len(SHARED)), LONG.pieces[3])
    assert job.rungs == ["360", "240"]
    assert spec.read(job.spec).pieces[0].first_frame == 600
    pin = Pin.objects.select_related("content").get()
    assert (pin.holder, pin.is_open) == (f"source:{film.key}", False)
    assert (job.source, job.source_size) == (pin.content.cid, len(SHARED))
    assert network.read(job.source) == SHARED


def test_offering_again_adds_nothing(film: Video, node: Node) -> None:
    remote_pieces.offer()
    assert remote_pieces.offer() == 0
    assert Job.objects.count() == 3


def test_whoever_asks_first_has_a_piece(film: Video, node: Node) -> None:
    remote_pieces.offer()
    mine = Piece.objects.select_related("job").get(video=film, number=3)
    assert number_of(taken(node)) == 3
    assert remote_pieces.keep(mine) is False
    other = Piece.objects.select_related("job").get(video=film, number=2)
    assert remote_pieces.keep(other) is True
    assert number_of(taken(node)) == 1


def test_a_piece_that_a_worker_holds_is_not_offered(film: Video, node: Node) -> None:
    busy = timezone.now() + timedelta(minutes=1)
    Piece.objects.filter(number=2).update(claimed_until=busy)
    remote_pieces.offer()
    assert sorted(number_of(job) for job in Job.objects.all()) == [1, 3]


def test_a_lost_piece_is_everybodys_at_once_and_after_two_ours_alone(
    film: Video, node: Node, alice: User
) -> None:
    remote_pieces.offer()
    lose(taken(node))
    assert 3 in ours()
    assert remote_pieces.offer() == 1
    second = make_pay.node(alice, slots=9, last_seen=timezone.now())
    while number_of(job := taken(second)) != 3:
        continue
    lose(job)
    assert 3 in ours()
    assert remote_pieces.offer() == 0


def test_a_bad_node_delays_a_film_by_no_more_than_its_patience(
    film: Video, node: Node, settings: Settings
) -> None:
    settings.JOB_SLOWNESS, settings.JOB_BYTES_PER_SECOND = 4, 1000
    remote_pieces.offer()
    job = taken(node)
    assert job.due
    assert job.taken_at
    bound = job.due - job.taken_at
    assert bound <= timedelta(seconds=60 + 4 * 8 + 1)
    Job.objects.filter(pk=job.pk).update(due=timezone.now())  # it renews and renews
    assert jobs.lapse() == [job]
    assert 3 in ours()


def test_what_a_film_that_failed_offered_is_withdrawn_and_its_source_let_go(
    film: Video, node: Node
) -> None:
    remote_pieces.offer()
    job = taken(node)
    remote_pieces.clear()
    assert Job.objects.live().count() == 3
    pipeline.fail(film, "It broke.")
    assert not Pin.objects.exists()
    remote_pieces.clear()
    assert not Job.objects.live().exists()
    with pytest.raises(jobs.JobIsOver):
        jobs.renew(node.peer_id, job.key, fraction=0.5)


def test_a_deleted_film_leaves_no_job_behind(film: Video, node: Node) -> None:
    remote_pieces.offer()
    remote_pieces.let_go_of_sources()
    assert Pin.objects.exists()
    film.delete()
    remote_pieces.clear()
    remote_pieces.let_go_of_sources()
    assert not Pin.objects.exists()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.WITHDRAWN}


def test_a_source_too_large_to_send_around_stays_here(
    film: Video, node: Node, settings: Settings
) -> None:
    settings.MOST_JOB_SOURCE_BYTES = LONG.source.size - 1
    assert remote_pieces.offer() == 0


@pytest.mark.parametrize("error", [Unshareable("Other frames."), BadMedia("Nothing in it.")])
def test_a_source_that_cannot_be_cut_down_to_its_picture_stays_here(
    film: Video, node: Node, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    asked = []

    def refuse(source: Path, plan: Plan, out_dir: Path) -> Path:
        asked.append(source)
        raise error

    monkeypatch.setattr(sharing, "share", refuse)
    assert remote_pieces.offer() == remote_pieces.offer() == 0
    assert len(asked) == 1
    assert not Pin.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": Video.Visibility.PRIVATE},
        {"visibility": Video.Visibility.UNLISTED},
        {"visibility": Video.Visibility.PASSWORD},
        {"visibility": Video.Visibility.INTERNAL},
        {"price": 1},
    ],
)
def test_strangers_get_nothing_of_what_is_not_for_everybody(
    film: Video, node: Node, fields: dict[str, object]
) -> None:
    remote_pieces.offer()
    job = taken(node)
    Video.objects.update(**fields)
    remote_pieces.clear()
    remote_pieces.let_go_of_sources()
    assert not Job.objects.live().exists()
    assert not Pin.objects.exists()
    assert remote_pieces.offer() == 0
    with pytest.raises(jobs.JobIsOver):
        jobs.give_back(node.peer_id, job.key, cid=job.source, size=1)


def test_a_film_shows_how_far_its_nodes_are(film: Video, node: Node) -> None:
    remote_pieces.offer()
    job = taken(node)
    jobs.renew(node.peer_id, job.key, fraction=0.25)
    assert remote_pieces.follow() == {film.pk}
    assert Piece.objects.get(job=job).fraction == 0.25
    assert remote_pieces.follow() == set()


def test_without_workers_of_ours_nodes_come_first_for_a_while(
    film: Video, node: Node, settings: Settings
) -> None:
    settings.MEDIA_WORKERS = 0
    assert ours() == [4]  # while the source is being made ready
    remote_pieces.offer_at_once()
    assert Job.objects.count() == 4
    assert ours() == [4]
    lose(taken(node))
    assert ours() == [4, 3]
    Job.objects.update(created=timezone.now() - remote_pieces.OFFER_WAITS)
    assert ours() == [0, 4, 1, 2, 3]


def test_without_workers_of_ours_what_is_not_for_nodes_does_not_wait_for_them(
    film: Video, node: Node, settings: Settings
) -> None:
    settings.MEDIA_WORKERS = 0
    Video.objects.update(visibility=Video.Visibility.PRIVATE)
    assert ours() == [0, 4, 1, 2, 3]
    Video.objects.update(visibility=Video.Visibility.PUBLIC)
    Piece.objects.exclude(number=0).delete()
    assert ours() == [0]


def test_without_workers_of_ours_nobody_waits_for_nodes_that_went(
    film: Video, node: Node, settings: Settings
) -> None:
    settings.MEDIA_WORKERS = 0
    remote_pieces.offer_at_once()
    Node.objects.update(last_seen=timezone.now() - timedelta(minutes=5))
    assert ours() == [0, 4, 1, 2, 3]
