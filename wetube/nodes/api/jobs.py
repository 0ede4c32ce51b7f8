"""Work for nodes: they ask for it, hold on to it, bring it back or give it up."""

import math
from typing import Any

from django.conf import settings
from django.http import JsonResponse

from wetube.content import grants
from wetube.nodes import jobs, results
from wetube.nodes.api import door
from wetube.nodes.api.door import BadBody, Said, is_kept
from wetube.nodes.jobs import Able
from wetube.nodes.models import Job

MOST_WORDS = 16


@door.signed
def take(peer_id: str, said: Said) -> JsonResponse:
    """{"able": [word…], "most_source": bytes} → {"job": the work or null, "again_in": seconds}."""
    able = Able(_words(said, "able"), door.whole(said, "most_source"))
    job = jobs.take(peer_id, able)
    return JsonResponse(
        {"job": job and _work(job), "again_in": max(1, settings.JOB_LEASE_SECONDS // 3)}
    )


@door.signed
def renew(peer_id: str, said: Said) -> JsonResponse:
    """{"job": key, "fraction": of the work} → how it stands; with "bring", where to bring it."""
    return _stands(jobs.renew(peer_id, door.text(said, "job"), fraction=_fraction(said)))


@door.signed
def give_back(peer_id: str, said: Said) -> JsonResponse:
    """{"job": key, "cid": of the folder, "size": its bytes} → how it stands."""
    key, cid = door.text(said, "job"), door.text(said, "cid")
    return _stands(jobs.give_back(peer_id, key, cid=cid, size=door.whole(said, "size")))


@door.signed
def give_up(peer_id: str, said: Said) -> JsonResponse:
    """{"job": key, "why": a sentence} → how it stands."""
    return _stands(jobs.give_up(peer_id, door.text(said, "job"), why=door.text(said, "why")))


def _work(job: Job) -> dict[str, Any]:
    url, _expires = grants.to_read(job.source, seconds=2 * job.patience + 600)
    return {
        "key": job.key,
        "kind": job.kind,
        "needs": job.needs,
        "spec": job.spec,
        "source": {"cid": job.source, "size": job.source_size, "url": url},
        "rungs": job.rungs,
        "seconds": job.seconds,
        "most_bytes": job.most_bytes,
        "price": job.price,
        "lease": settings.JOB_LEASE_SECONDS,
        "patience": job.patience,
    }


def _stands(job: Job) -> JsonResponse:
    awaited = job.state == Job.State.RETURNED and job.is_wanted and not job.is_here
    return JsonResponse(
        {
            "state": job.state,
            "why": job.why,
            "earned": job.earned,
            "lease": settings.JOB_LEASE_SECONDS,
            "bring": results.upload_url(job) if awaited else "",
        }
    )


def _words(said: Said, name: str) -> tuple[str, ...]:
    words = said.get(name)
    if not isinstance(words, list) or len(words) > MOST_WORDS:
        raise BadBody(f"The body holds a list {name!r} of at most {MOST_WORDS} texts.")
    if not all(isinstance(word, str) and len(word) <= 60 and is_kept(word) for word in words):
        raise BadBody(f"The words of {name!r} have at most 60 letters.")
    return tuple(words)


def _fraction(said: Said) -> float:
    value = said.get("fraction", 0)
    if type(value) not in {int, float} or not math.isfinite(value):
        raise BadBody("The body's 'fraction' is a number from 0 to 1.")
    return float(value)
