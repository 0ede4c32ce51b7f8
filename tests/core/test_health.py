"""The operator sees what is wrong; to everybody else the page does not exist."""

import pytest
from django.test import Client

from wetube.core import health
from wetube.core.health import Finding, Verdict
from wetube.people.models import User

pytestmark = pytest.mark.django_db


def test_every_app_says_how_it_is(client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_operator=True)
    client.force_login(alice)

    page = client.get("/health/").content.decode()

    for label in ("Database", "Node", "Disk", "ffmpeg", "Sandbox", "Work"):
        assert label in page


def test_others_do_not_find_it(client: Client, bob: User) -> None:
    client.force_login(bob)

    assert client.get("/health/").status_code == 404
    assert Client().get("/health/").status_code == 302


def test_a_check_that_breaks_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Finding:
        raise RuntimeError("the moon fell")

    monkeypatch.setitem(health._checks, "moon", ("Moon", broken))

    row = next(row for row in health.look() if row.label == "Moon")
    assert row.verdict == Verdict.BAD.value
    assert "the moon fell" in row.says


def test_a_balancer_is_answered(client: Client) -> None:
    assert client.get("/alive/").content == b"ok\n"
