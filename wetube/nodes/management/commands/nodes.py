"""What nodes keep things here, for who runs the gateway: `manage.py nodes [--refuse KEY]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count

from wetube.core.states import TransitionRefused
from wetube.nodes import presence
from wetube.nodes.models import Lease, Node
from wetube.nodes.models.operators import MICRO
from wetube.nodes.presence import NotRefused


class Command(BaseCommand):
    help = "Show the nodes that keep things here; send one away, or let it come back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        one = parser.add_mutually_exclusive_group()
        one.add_argument("--refuse", metavar="KEY", help="send this node away for good")
        one.add_argument("--pardon", metavar="KEY", help="let it come back as a newcomer")
        parser.add_argument("--why", default="", help="what its operator is told")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["refuse"]:
                why = options["why"] or "Sent away by the gateway's operator."
                presence.refuse(_node(options["refuse"]), why=why)
            if options["pardon"]:
                presence.pardon(_node(options["pardon"]))
        except (TransitionRefused, NotRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        held = Lease.objects.held().values_list("node").order_by()
        leases = dict(held.annotate(Count("pk")))
        for node in Node.objects.order_by("joined"):
            trust, count = f"{node.reputation / MICRO:.2f}", leases.get(node.pk, 0)
            line = f"{node.key}  {node.state:<8} trust {trust}  {count} leases  {node.why}"
            self.stdout.write(line.rstrip())


def _node(key: str) -> Node:
    node = Node.objects.filter(key=key).first()
    if node is None:
        raise CommandError(f"No node has the key {key!r}.")
    return node
