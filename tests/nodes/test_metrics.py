"""/node/metrics, read as Prometheus reads it."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from tests.nodes import make_pay as make
from wetube.nodes import earnings
from wetube.nodes.models import Earning
from wetube.people import tokens
from wetube.people.models import User

pytestmark = pytest.mark.usefixtures("db")
LINE = re.compile(r'([a-z_0-9]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\.)*",?)*\})? (-?[0-9.e+]+)')


def read(client: Client, secret: str) -> dict[str, float]:
    """Samples by name and labels; every line is well formed and of a declared metric."""
    answer = client.get("/node/metrics", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 200, answer.content
    assert answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    declared, samples = set(), {}
    for line in answer.content.decode().splitlines():
        if line.startswith("# TYPE "):
            declared.add(line.split()[2])
        elif not line.startswith("#"):
            found = LINE.fullmatch(line)
            assert found, line
            assert found[1] in declared
            samples[found[1] + (found[2] or "")] = float(found[3])
    return samples


def token(user: User, *scopes: str) -> str:
    return tokens.mint(user, name="prometheus", scopes=scopes or ["nodes"])[1]


def test_a_nodes_figures_are_those_of_the_page(
    client: Client, olga: User, settings: Settings
) -> None:
    settings.DEMO_GRANT_DROPS = 0
    node = make.node(olga, capacity=100, free=40)
    make.holds(node, size=60)
    make.fund_nodes(1000)
    earnings.earn(node, Earning.Kind.STORAGE, amount=7, reference="a")
    earnings.earn(node, Earning.Kind.BANDWIDTH, amount=5, reference="b")
    samples = read(client, token(olga))
    own = f'{{node="{node.key}"}}'
    assert samples[f"wetube_node_up{own}"] == 1
    assert samples[f"wetube_node_capacity_bytes{own}"] == 100
    assert samples[f"wetube_node_free_bytes{own}"] == 40
    assert samples[f"wetube_node_leased_bytes{own}"] == 60
    assert samples[f"wetube_node_reputation{own}"] == 0.75
    earned = {name: drops for name, drops in samples.items() if "earned" in name}
    assert sum(earned.values()) == samples["wetube_balance_drops"] == make.journaled(olga) == 12
    assert not any("network" in name for name in samples)


def test_only_ones_own_nodes_are_told(client: Client, olga: User, bob: User) -> None:
    node = make.node(olga)
    assert not any(node.key in name for name in read(client, token(bob)))


def test_the_operator_of_the_site_sees_the_network(client: Client, olga: User) -> None:
    User.objects.update(is_operator=True)
    make.holds(make.node(olga))
    samples = read(client, token(olga))
    assert samples['wetube_network_nodes{state="active"}'] == 1
    assert samples['wetube_network_nodes{state="lost"}'] == 0
    assert samples['wetube_network_placements{state="unreadable"}'] == 1


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wt_made-up", "Basic abc"])
def test_without_a_token_nothing_is_told(client: Client, olga: User, header: str) -> None:
    make.node(olga)
    answer = client.get("/node/metrics", headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert b"wetube_" not in answer.content


def test_a_token_for_something_else_does_not_do(client: Client, olga: User) -> None:
    secret = token(olga, "read")
    answer = client.get("/node/metrics", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
    assert b"wetube_" not in answer.content
