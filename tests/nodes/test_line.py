"""A node measures its line with bytes that are worth nothing, and with no more than a bound."""

import time

import pytest

from node_bridge.network import requests
from node_bridge.network.identity import Identity
from node_bridge.network.requests import Asked
from tests.nodes.make_statements import NODE, post
from wetube.nodes import identity
from wetube.nodes.api import line
from wetube.nodes.models import Node
from wetube.people.limits import Limit

pytestmark = pytest.mark.django_db


def exchange(taken: int, *, size: object, by: Identity = NODE, path: str = "") -> tuple[int, int]:
    """Status and bytes of the answer."""
    asked = Asked("POST", f"/nodes/v1/line?size={size}", None)
    header = requests.write(asked, by, to=identity.own().peer_id, now=time.time())
    answer = post(path or asked.path, b"x" * taken, header=header)
    return answer.status_code, len(answer.content)


def test_bytes_go_either_way(node: Node) -> None:
    assert exchange(0, size=line.MOST) == (200, line.MOST)
    assert exchange(line.MOST, size=0) == (200, 0)


@pytest.mark.parametrize(
    ("taken", "size"),
    [(line.MOST + 1, 0), (0, line.MOST + 1), (0, "-1"), (0, ""), (0, "9" * 99), (0, "%C2%B2")],
)
def test_more_than_a_bound_is_refused(node: Node, taken: int, size: object) -> None:
    assert exchange(taken, size=size)[0] == 400


def test_strangers_measure_nothing(node: Node) -> None:
    assert exchange(0, size=5, by=Identity.create())[0] == 404
    assert post("/nodes/v1/line?size=5", b"").status_code == 401
    assert exchange(0, size=5, path="/nodes/v1/line?size=50")[0] == 401


def test_nobody_measures_all_day(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "A_NODE", Limit("line", 12, 10**9))  # no window ends meanwhile
    codes = [exchange(0, size=1)[0] for _ in range(line.A_NODE.times + 1)]
    assert codes == [200] * line.A_NODE.times + [429]
