"""The gateway's operator sees its nodes, sends one away and lets it come back."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.nodes.pretend import Crowd, held, rounds
from tests.nodes.test_placing import placed
from wetube.nodes.models import Node

pytestmark = pytest.mark.django_db


def told(*words: str) -> str:
    out = StringIO()
    call_command("nodes", *words, stdout=out)
    return out.getvalue()


def test_it_lists_nodes_and_what_they_hold(crowd: Crowd) -> None:
    (node,) = crowd.join()
    placed(copies=1)
    rounds()
    assert told() == f"{node.key}  active   trust 0.75  1 leases\n"


def test_a_refused_node_loses_its_leases_and_a_pardoned_one_begins_anew(crowd: Crowd) -> None:
    crowd.join(4)
    placement = placed()
    rounds()
    node = held(placement)[0].node
    Node.objects.filter(pk=node.pk).update(losses=2, alpha=7, beta=9)
    assert "Too slow." in told("--refuse", node.key, "--why", "Too slow.")
    rounds()
    assert node not in {lease.node for lease in held(placement)}
    assert len(held(placement)) == 3
    told("--pardon", node.key)
    node.refresh_from_db()
    assert (node.state, node.losses, node.reputation) == (Node.State.JOINING, 0, 750_000)


def test_what_cannot_be_is_said_and_changes_nothing(crowd: Crowd) -> None:
    (node,) = crowd.join()
    for words in (("--pardon", node.key), ("--refuse", "nobody"), ("--pardon", "nobody")):
        with pytest.raises(CommandError):
            told(*words)
    node.refresh_from_db()
    assert node.state == Node.State.ACTIVE
