"""Brings the result of a job here: fetched from the node by CID, or brought by the node.

Every block is checked against its CID, in a store of its own that is thrown away: nothing a
stranger made touches the site's node before it was judged.
"""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from node_bridge import BadBlock, BadCid, EmbeddedEngine, NodeError, TooBig
from node_bridge import cid as cids
from node_bridge.engine import Limits
from node_bridge.errors import Corrupt
from node_bridge.network.fetching import Fetcher
from node_bridge.network.providers import Listed
from node_bridge.network_engine import NetworkEngine
from wetube.content import grants
from wetube.nodes import calling
from wetube.nodes.models import Job

PREFIX = "job-"  # of the keys that results are uploaded under; films have eleven letters
BLOCK_SECONDS = 10.0  # for one block from the node
MOST_FILES = 32
NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,40}", re.ASCII)
ARCHIVE = 1.02  # a CAR weighs so much more than what is in it, at most
SLACK = 1 << 20  # bytes


class ResultAway(Exception):
    """The result did not come, or not whole; it may come another way."""


class WrongResult(Exception):
    """What came is no folder of files within this job's bounds."""


class NotExpected(Exception):
    """Nobody waits for these bytes."""


def bring(job: Job, into: Path) -> None:
    """Write the result's files into the folder; names in it are plain and few.

    Raises ResultAway, WrongResult.
    """
    with _scratch(into.with_name(f"{into.name}.blocks")) as store:
        if job.is_here:
            _unpack(job, store)
        else:
            _fetch(job, store)
        _write_out(job, store, into)


def upload_url(job: Job) -> str:
    """Where the node brings the result, as a CAR by tus, when it cannot be fetched from it."""
    seconds = settings.JOB_LEASE_SECONDS * 4 + job.result_size // settings.JOB_BYTES_PER_SECOND
    return grants.to_upload(_key(job), most=_most_archive(job), seconds=seconds)


def is_result(upload_key: str) -> bool:
    return upload_key.startswith(PREFIX)


def arrived(upload_key: str) -> str:
    """The gateway has a whole upload on disk; where it is shown, which is nowhere.

    Safe to repeat. Raises NotExpected: then the bytes may be thrown away.
    """
    awaited = Job.objects.filter(
        key=upload_key.removeprefix(PREFIX), state=Job.State.RETURNED, is_wanted=True
    )
    if not awaited.update(is_here=True):
        raise NotExpected("Nobody waits for this result any more.")
    return f"{settings.SITE_URL}/nodes/v1/jobs"


def forget(job: Job) -> None:
    """Throw away what the node brought."""
    shutil.rmtree(_archive(job).parent, ignore_errors=True)


def _fetch(job: Job, store: EmbeddedEngine) -> None:
    if job.node is None or not job.node.urls:
        raise ResultAway("The node has no address.")
    limits = Limits(
        walk_blocks=16 + job.result_size // 1024, walk_bytes=_most_archive(job), depth=8
    )
    fetcher = Fetcher(
        Listed([calling.provider(job.node)]), guard=calling.guard(), seconds=BLOCK_SECONDS
    )
    # A node that trickles is cut off, whatever each block's own time says.
    seconds = settings.JOB_LEASE_SECONDS + job.result_size / settings.JOB_BYTES_PER_SECOND
    end = threading.Timer(seconds, fetcher.close)
    end.daemon = True
    end.start()
    try:
        NetworkEngine(store, fetcher, limits).fetch(job.result)
    except (TooBig, BadBlock, Corrupt, BadCid) as error:
        raise WrongResult(str(error)) from error
    except (NodeError, OSError, RuntimeError) as error:  # RuntimeError: closed under the fetch
        raise ResultAway(str(error)) from error
    finally:
        end.cancel()
        fetcher.close()


def _unpack(job: Job, store: EmbeddedEngine) -> None:
    try:
        with _archive(job).open("rb") as file:
            roots = store.import_car(file, max_bytes=_most_archive(job))
    except FileNotFoundError as error:
        raise ResultAway("The upload is gone.") from error
    except NodeError as error:
        raise WrongResult(str(error)) from error
    if [str(root) for root in roots] != [cids.canonical(job.result)]:
        raise WrongResult("The archive is not that of the result.")


def _write_out(job: Job, store: EmbeddedEngine, into: Path) -> None:
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True, mode=0o700)
    left = job.most_bytes
    try:
        entries = list(store.ls(job.result))
        if len(entries) > MOST_FILES:
            raise WrongResult("The result holds too many files.")
        for entry in entries:
            if not NAME.fullmatch(entry.name):
                raise WrongResult("The result holds a name that none of ours has.")
            size = store.stat(f"{job.result}/{entry.name}").size
            left -= size
            if left < 0:
                raise WrongResult(f"The result has more than {job.most_bytes} bytes.")
            with (into / entry.name).open("wb") as file:
                file.writelines(store.cat(f"{job.result}/{entry.name}"))
    except NodeError as error:
        raise WrongResult(str(error)) from error


@contextmanager
def _scratch(folder: Path) -> Iterator[EmbeddedEngine]:
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield EmbeddedEngine(folder, fsync=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _archive(job: Job) -> Path:
    return Path(settings.UPLOADS_DIR) / _key(job) / "source"


def _key(job: Job) -> str:
    return f"{PREFIX}{job.key}"


def _most_archive(job: Job) -> int:
    return round(min(job.result_size, job.most_bytes) * ARCHIVE) + SLACK
