"""Makes jobs in every state, and nodes that work on them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from node_bridge.network.identity import Identity
from tests.nodes import make_pay
from wetube.nodes import jobs, judging
from wetube.nodes.jobs import Able, Work
from wetube.nodes.models import Job, Node
from wetube.people.models import User

NEEDS = "transcode-1 ffmpeg-5.1"
ABLE = Able((NEEDS,), 1 << 30)
CID = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku"
OTHER = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
PRICES = {"storage": 0, "delivery": 0, "compute": {"240": 10, "480": 20, "1080": 60}}


def worker(user: User, *, identity: Identity | None = None, **fields: Any) -> Node:
    """A node that is there, with two slots."""
    there = {"slots": 2, "last_seen": timezone.now(), "prices": PRICES}
    return make_pay.node(user, identity=identity, **{**there, **fields})


def offered(subject: str = "piece:film:1", **fields: Any) -> Job:
    work = {
        "needs": NEEDS,
        "spec": {"version": 1},
        "source": CID,
        "source_size": 1000,
        "rungs": ("480", "240"),
        "seconds": 8.0,
        "most_bytes": 5000,
        "patience": 100,
    }
    job = jobs.offer(Work(subject=subject, **{**work, **fields}))
    assert job is not None
    return job


def taken(node: Node, **fields: Any) -> Job:
    offered(**fields)
    job = jobs.take(node.peer_id, ABLE)
    assert job is not None
    return job


def returned(node: Node, **fields: Any) -> Job:
    job = taken(node, **fields)
    return jobs.give_back(node.peer_id, job.key, cid=CID, size=4000)


def verifying(node: Node, **fields: Any) -> Job:
    job = judging.begin(returned(node, **fields).pk)
    assert job is not None
    return job


def age(job: Job, **columns: timedelta) -> None:
    """Let so much time go by for these columns of the job."""
    for name, ago in columns.items():
        Job.objects.filter(pk=job.pk).update(**{name: timezone.now() - ago})
