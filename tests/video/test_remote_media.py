"""Films partly made by nodes, through the whole pipeline: honest ones, liars, and their pay."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from node_bridge import MemoryEngine
from tests import make
from tests.nodes import make_pay
from tests.video.clips import make_clip
from tests.video.transcoding.test_inspecting import LIES, Work
from wetube.content import network
from wetube.nodes import jobs, judging, results
from wetube.nodes.jobs import Able
from wetube.nodes.models import Job, Node
from wetube.people.models import Channel, User
from wetube.video import encoding, pipeline, remote_pieces, workshop
from wetube.video.models import Piece, Video
from wetube.video.transcoding import encode, spec

pytestmark = [pytest.mark.media, pytest.mark.django_db, pytest.mark.timeout(300)]

PRICE = 100


@pytest.fixture
def video(channel: Channel, settings: Settings, tmp_path: Path) -> Video:
    """Planned in three pieces of picture, two rungs, and one of sound."""
    settings.PIECE_SECONDS = 8
    settings.JOB_LEASE_SECONDS = 600  # whatever the machine does meanwhile
    settings.COMPUTE_PRICE_LIMIT = PRICE
    made = make.video(channel, state=Video.State.UPLOADED)
    target = workshop.source(made.key)
    target.parent.mkdir(parents=True)
    make_clip(tmp_path / "clip.mp4", seconds=22, size="426x360").rename(target)
    Video.objects.filter(pk=made.pk).update(source_size=target.stat().st_size)
    pipeline.advance(made.pk)
    return Video.objects.get(pk=made.pk)


@pytest.fixture
def node(bob: User) -> Node:
    make_pay.fund_nodes(10**6)
    prices = {"storage": 0, "delivery": 0, "compute": {"240": PRICE}}
    return make_pay.node(bob, slots=9, last_seen=timezone.now(), prices=prices)


def work_off(video: Video) -> Video:
    """What our own workers would do, one after the other."""
    for _ in range(30):
        if not pipeline.advance(video.pk) and encoding.encode_next() is None:
            break
    return Video.objects.get(pk=video.pk)


def take(node: Node) -> Job:
    job = jobs.take(node.peer_id, Able((spec.skill(),), 1 << 30))
    assert job
    return job


def done(job: Job, folder: Path) -> Path:
    """The job's files, made as an honest node makes them."""
    plan = spec.read(json.loads(json.dumps(job.spec)))
    (piece,) = plan.pieces
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "source"
    source.write_bytes(network.read(job.source))
    encode.encode(source, plan, piece, folder)
    (folder / piece.folder / encode.DONE).unlink()
    return folder / piece.folder


def give_back(job: Job, files: Path) -> Job:
    """Return it and bring it along."""
    assert job.node
    engine = MemoryEngine()
    parts, size = {}, 0
    for path in files.iterdir():
        parts[path.name] = engine.add([path.read_bytes()]).cid
        size += path.stat().st_size
    cid = engine.add_dir(parts).cid
    job = jobs.give_back(job.node.peer_id, job.key, cid=cid, size=size)
    place = results._archive(job)
    place.parent.mkdir(parents=True)
    place.write_bytes(b"".join(engine.export_car(cid)))
    Job.objects.filter(pk=job.pk).update(is_wanted=True, is_here=True)
    return job


def test_a_film_that_nodes_shared_is_as_good_as_ours(
    video: Video, node: Node, bob: User, tmp_path: Path
) -> None:
    assert remote_pieces.offer() == len(video.pieces.all()) - 2
    while (job := jobs.take(node.peer_id, Able((spec.skill(),), 1 << 30))) is not None:
        give_back(job, done(job, tmp_path / job.key))

    film = work_off(video)

    assert film.state == Video.State.PUBLISHED, film.failure
    assert film.duration == pytest.approx(22, abs=0.1)
    playlist = network.read(f"{film.cid}/v240.m3u8").decode()
    assert playlist.count("#EXTINF") == 6
    accepted = Job.objects.filter(state=Job.State.ACCEPTED)
    assert accepted.count() == Job.objects.count() == 2
    rungs = len(accepted[0].rungs)
    assert make_pay.journaled(bob) == round(sum(job.seconds for job in accepted)) * rungs * PRICE
    assert not list((tmp_path / "uploads").glob("job-*"))


@pytest.mark.parametrize("lie", [lie for lie, _ in LIES if lie.__name__ in {
    "black", "another_film", "truncated", "one_rung_for_the_other", "huge",
}])  # fmt: skip
def test_a_liar_is_refused_unpaid_and_the_film_is_made_elsewhere(
    video: Video, node: Node, bob: User, tmp_path: Path, lie: Callable[[Work], None]
) -> None:
    remote_pieces.offer()
    job = take(node)
    work = Work.__new__(Work)
    work.source, work.folder = tmp_path / "lie" / "source", tmp_path / "lie"
    work.theirs = done(job, work.folder)
    work.plan = spec.read(job.spec)
    work.piece = work.plan.pieces[0]
    lie(work)
    heavy = sum(path.stat().st_size for path in work.theirs.iterdir()) > job.most_bytes
    if heavy:
        with pytest.raises(jobs.BadResult):
            give_back(job, work.theirs)
        jobs.lose(job, "It never came.")
    else:
        give_back(job, work.theirs)
        assert encoding.encode_next() == video.pk

    job.refresh_from_db()
    assert job.state == (Job.State.LOST if heavy else Job.State.REFUSED)
    assert job.why
    after = Node.objects.get(pk=node.pk)
    assert after.beta > node.beta
    piece = Piece.objects.get(job=job)
    assert piece.state == Piece.State.WAITING
    assert not (workshop.bench(video.key) / f"piece-{piece.number:04}").exists()

    film = work_off(video)
    assert film.state == Video.State.PUBLISHED, film.failure
    assert film.duration == pytest.approx(22, abs=0.1)
    assert make_pay.journaled(bob) == 0


def test_a_result_for_a_film_that_is_gone_is_nobodys(
    video: Video, node: Node, bob: User, tmp_path: Path
) -> None:
    remote_pieces.offer()
    job = take(node)
    give_back(job, done(job, tmp_path / "done"))
    pipeline.fail(video, "It was taken down.")
    encoding.encode_next()
    job.refresh_from_db()
    assert (job.state, job.earned) == (Job.State.WITHDRAWN, 0)
    assert not judging.due(Job.Kind.TRANSCODE).exists()
