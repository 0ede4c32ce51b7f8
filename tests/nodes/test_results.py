"""A result is brought here checked, within bounds, and apart from what the site keeps."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from node_bridge import MemoryEngine
from tests.nodes import make_pay
from wetube.content import network
from wetube.nodes import jobs, judging, results
from wetube.nodes.jobs import Able, Work
from wetube.nodes.models import Job
from wetube.nodes.results import NotExpected, ResultAway, WrongResult
from wetube.people.models import User

pytestmark = pytest.mark.django_db

FILES = {"v360.mp4": b"three" * 100, "v240.mp4": b"two" * 100}
SIZE = sum(map(len, FILES.values()))


class Result:
    """A folder as a node would make it, and its archive."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        engine = MemoryEngine()
        parts = {name: engine.add([data]).cid for name, data in files.items()}
        self.cid = engine.add_dir(parts).cid
        self.archive = b"".join(engine.export_car(self.cid))
        self.size = sum(map(len, files.values()))


@pytest.fixture
def job(olga: User) -> Job:
    """At work with olga's node."""
    node = make_pay.node(olga, slots=1, last_seen=timezone.now())
    work = Work("piece:film:1", "x", {}, Result({}).cid, 1, ("240",), 8.0, 2 * SIZE, 100)
    assert jobs.offer(work)
    taken = jobs.take(node.peer_id, Able(("x",), 10))
    assert taken
    return taken


def returned(job: Job, result: Result) -> Job:
    assert job.node
    return jobs.give_back(job.node.peer_id, job.key, cid=result.cid, size=result.size)


def brought(job: Job, cid: str, archive: bytes, size: int = SIZE) -> Job:
    """The node has said it is this, and uploaded that."""
    assert job.node
    job = jobs.give_back(job.node.peer_id, job.key, cid=cid, size=size)
    upload(job, archive)
    judged = judging.begin(job.pk)
    assert judged
    judging.ask_to_bring(judged)
    results.arrived(f"job-{job.key}")
    return Job.objects.get(pk=job.pk)


def upload(job: Job, archive: bytes) -> None:
    place = results._archive(job)
    place.parent.mkdir(parents=True)
    place.write_bytes(archive)


def test_what_the_node_brought_is_unpacked(job: Job, tmp_path: Path) -> None:
    result = Result(FILES)
    job = brought(job, result.cid, result.archive)
    results.bring(job, tmp_path / "in" / "files")
    found = {path.name: path.read_bytes() for path in (tmp_path / "in" / "files").iterdir()}
    assert found == FILES
    assert [path.name for path in (tmp_path / "in").iterdir()] == ["files"]
    assert not network.engine().has(result.cid)
    results.forget(job)
    with pytest.raises(ResultAway):
        results.bring(job, tmp_path / "again")


@pytest.mark.parametrize(
    "files",
    [
        {".profile": b"x"},
        {"a" * 60: b"x"},
        {"folder/v240.mp4": b"x"},
        {f"v{number}.mp4": b"x" for number in range(40)},
        {"v240.mp4": b"x" * (2 * SIZE + 1)},
    ],
)
def test_a_folder_that_none_of_ours_looks_like_is_wrong(
    job: Job, files: dict[str, bytes], tmp_path: Path
) -> None:
    result = Result(files)
    job = brought(job, result.cid, result.archive)
    with pytest.raises(WrongResult):
        results.bring(job, tmp_path / "files")


def test_an_archive_of_something_else_or_spoiled_is_wrong(job: Job, tmp_path: Path) -> None:
    result, other = Result(FILES), Result({"v240.mp4": b"another"})
    job = brought(job, result.cid, other.archive)
    with pytest.raises(WrongResult):
        results.bring(job, tmp_path / "files")
    for archive in (b"", b"no archive", result.archive[:-5], result.archive + b"\0" * 100_000_000):
        (results._archive(job)).write_bytes(archive)
        with pytest.raises(WrongResult):
            results.bring(job, tmp_path / "files")
    spoiled = bytearray(result.archive)
    spoiled[-3] ^= 1
    results._archive(job).write_bytes(spoiled)
    with pytest.raises(WrongResult):
        results.bring(job, tmp_path / "files")
    assert not (tmp_path / "files").exists()


def test_a_node_that_cannot_be_reached_is_away(
    job: Job, tmp_path: Path, settings: Settings
) -> None:
    """Its address leads into a private network, where nobody is sent."""
    settings.NODE_RANGES = []
    assert job.node
    job.node.urls = ["https://127.0.0.1:9"]
    job.node.save()
    job = returned(job, Result(FILES))
    with pytest.raises(ResultAway):
        results.bring(job, tmp_path / "files")
    assert job.node
    job.node.urls = []
    with pytest.raises(ResultAway):
        results.bring(job, tmp_path / "files")
    assert not (tmp_path / "files").exists()


def test_an_upload_nobody_waits_for_is_not_taken(job: Job) -> None:
    for key in (f"job-{job.key}", "job-", "job-nobody"):
        with pytest.raises(NotExpected):
            results.arrived(key)
    returned(job, Result(FILES))
    with pytest.raises(NotExpected):  # it may still be fetched: nobody asked for it
        results.arrived(f"job-{job.key}")
    assert not Job.objects.get().is_here


def test_films_and_results_cannot_be_mistaken() -> None:
    assert results.is_result("job-abcdefghijk")
    assert not results.is_result("abcdefghijk")
