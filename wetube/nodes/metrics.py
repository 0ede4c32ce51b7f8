"""Figures of one's nodes in Prometheus's text format 0.0.4; of the whole network for its operator.

Sizes are bytes, money is drops, reputation a chance from 0 to 1.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Sum

from wetube.nodes import overview
from wetube.nodes.models import Earning, Node, Placement
from wetube.nodes.models.operators import MICRO
from wetube.people.models import User

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
THERE = (Node.State.ACTIVE, Node.State.LEAVING)


@dataclass(frozen=True)
class Metric:
    """One name with its samples: labels and a number."""

    name: str
    kind: str
    help: str
    samples: Iterable[tuple[Mapping[str, str], float]]

    def __str__(self) -> str:
        lines = [f"# HELP {self.name} {self.help}", f"# TYPE {self.name} {self.kind}"]
        return "\n".join([*lines, *(_sample(self.name, *sample) for sample in self.samples)])


def text(user: User) -> str:
    """All that this person may read."""
    metrics = [*_machines(user), *_money(user), *(_network() if user.is_operator else ())]
    return "\n".join(str(metric) for metric in metrics) + "\n"


def _machines(user: User) -> list[Metric]:
    lines = overview.machines(user)

    def gauge(name: str, help_: str, values: Iterable[float]) -> Metric:
        labels = ({"node": line.node.key} for line in lines)
        return Metric(f"wetube_node_{name}", "gauge", help_, zip(labels, values, strict=True))

    nodes = [line.node for line in lines]
    return [
        gauge("up", "Whether the node is there.", [node.state in THERE for node in nodes]),
        gauge(
            "last_seen_timestamp_seconds",
            "When the node was last heard of.",
            [node.last_seen.timestamp() if node.last_seen else 0 for node in nodes],
        ),
        gauge("capacity_bytes", "Room the node sells.", [node.capacity for node in nodes]),
        gauge("free_bytes", "Room truly free.", [node.free for node in nodes]),
        gauge("leased_bytes", "Bytes under lease.", [line.leased for line in lines]),
        gauge("leases", "Leases held.", [line.leases for line in lines]),
        gauge("reputation", "Good / (good + bad).", [node.reputation / MICRO for node in nodes]),
        gauge("proofs_30d", "Proofs judged, 30 days.", [line.judged for line in lines]),
        gauge("proofs_passed_30d", "Good proofs, 30 days.", [line.passed for line in lines]),
    ]


def _money(user: User) -> list[Metric]:
    rows = Earning.objects.filter(account__owner=user).order_by()
    earned = rows.values_list("node__key", "kind").annotate(Sum("amount"))
    by_task = [({"node": key or "", "task": kind}, drops) for key, kind, drops in earned]
    balance = overview.sums(user).available
    return [
        Metric("wetube_node_earned_drops_total", "counter", "Earned by each task.", by_task),
        Metric("wetube_balance_drops", "gauge", "The balance.", [({}, balance)]),
    ]


def _network() -> list[Metric]:
    states = dict(Node.objects.order_by().values_list("state").annotate(Count("pk")))
    nodes = [({"state": state}, states.get(state, 0)) for state in Node.State.values]
    standing = Placement.objects.standing()
    short = standing.filter(healthy__lt=F("wanted"))
    lost = standing.filter(healthy__lt=F("needed"))
    counts = [("standing", standing), ("short", short), ("unreadable", lost)]
    placements = [({"state": state}, rows.count()) for state, rows in counts]
    return [
        Metric("wetube_network_nodes", "gauge", "Nodes by state.", nodes),
        Metric("wetube_network_placements", "gauge", "Contents kept on nodes.", placements),
    ]


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    number = int(value) if float(value).is_integer() else value
    return f"{name}{f'{{{inside}}}' if inside else ''} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
