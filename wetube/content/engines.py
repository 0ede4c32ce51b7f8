"""Which node keeps the content: ours in this process, or a Kubo that others may share."""

from functools import cache
from typing import Literal, get_args

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from node_bridge import EmbeddedEngine, NodeEngine
from node_bridge.cluster import ClusterPins, Copies
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import Rpc, Rules

Kind = Literal["embedded", "kubo"]
KINDS: tuple[Kind, ...] = get_args(Kind)


def chosen() -> Kind:
    """The engine that NODE_ENGINE names; raises ImproperlyConfigured."""
    for kind in KINDS:
        if kind == settings.NODE_ENGINE:
            return kind
    raise ImproperlyConfigured(f"NODE_ENGINE is one of {', '.join(KINDS)}.")


def other(kind: Kind) -> Kind:
    return "kubo" if kind == "embedded" else "embedded"


@cache
def engine(kind: Kind) -> NodeEngine:
    """This process's door to an engine, whether or not it is the chosen one."""
    if kind == "embedded":
        return EmbeddedEngine(settings.BLOCKS_DIR, fsync=settings.STORE_FSYNC)
    settings.WORK_DIR.mkdir(parents=True, exist_ok=True)
    rules = Rules(fetch_seconds=settings.KUBO_FETCH_SECONDS, spool=settings.WORK_DIR)
    rpc = Rpc(settings.KUBO_RPC, token=settings.KUBO_TOKEN)
    return KuboEngine(rpc, rules, pins=cluster())


@cache
def cluster() -> ClusterPins | None:
    """The cluster that copies what our Kubo is given, None without one."""
    if not settings.CLUSTER_API:
        return None
    copies = Copies(settings.CLUSTER_LEAST_COPIES, settings.CLUSTER_MOST_COPIES)
    return ClusterPins(settings.CLUSTER_API, copies, token=settings.CLUSTER_TOKEN)
