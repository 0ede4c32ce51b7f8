"""Alarms: what raises one, once; that they arrive, signed, and are tried again when they do not."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from tests.network.peers import Answer, Peer, always, status
from tests.nodes import make_pay as make
from tests.nodes import trusted
from wetube.nodes import alarms, calling, registering, telling, webhooks
from wetube.nodes.models import Alarm, AlarmAddress, AlarmSending, Audit, Node, Operator
from wetube.people.models import User

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _with_mail(settings: Settings) -> Iterator[None]:
    settings.EMAIL_HOST = "mail.example"
    settings.NODE_RANGES = ["127.0.0.0/8"]
    calling._connections.cache_clear()
    yield
    calling._connections.cache_clear()


@pytest.fixture
def operator(olga: User) -> Operator:
    return registering.operator_of(olga)


@pytest.fixture
def node(olga: User) -> Node:
    return make.node(olga, capacity=100, free=50)


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], Peer]]:
    """Starts a webhook that this machine trusts."""
    certificate = trusted.loopback(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    started: list[Peer] = []

    def start(answer: Answer) -> Peer:
        started.append(Peer(certificate, answer))
        return started[-1]

    yield start
    for peer in started:
        peer.close()


def to(operator: Operator, url: str = "https://hook.example/x") -> AlarmAddress:
    return alarms.add_webhook(operator, url)


def raised() -> list[str]:
    return sorted(Alarm.objects.values_list("kind", flat=True))


def test_a_node_that_falls_is_told_of_once(operator: Operator, node: Node) -> None:
    to(operator)
    assert alarms.notice() == 0
    node.move_to(Node.State.SUSPECT, why="No sign of life.")
    assert (alarms.notice(), alarms.notice()) == (1, 0)
    node.move_to(Node.State.LOST)
    assert (alarms.notice(), alarms.notice()) == (1, 0)
    assert raised() == ["lost", "silent"]
    assert AlarmSending.objects.count() == 2


def test_a_node_that_is_back_is_told_of_if_it_was_missed(operator: Operator, node: Node) -> None:
    alarms.notice()
    node.move_to(Node.State.SUSPECT)
    alarms.notice()
    node.move_to(Node.State.ACTIVE)
    assert (alarms.notice(), alarms.notice()) == (1, 0)
    assert raised() == ["back", "silent"]


@pytest.mark.parametrize(
    ("verdict", "kinds"), [("failed", ["proof"]), ("passed", []), ("late", [])]
)
def test_a_failed_proof_is_told_of_once_a_day(
    operator: Operator, node: Node, verdict: str, kinds: list[str]
) -> None:
    lease = make.holds(node)
    for _ in range(3):
        Audit.objects.create(
            lease=lease, node=node, nonce="", blocks=[], deadline=timezone.now(), state=verdict
        )
    alarms.notice()
    alarms.notice()
    assert raised() == kinds


@pytest.mark.parametrize(("free", "kinds"), [(5, []), (4, ["full"]), (0, ["full"])])
def test_a_disk_that_runs_full_is_told_of(
    operator: Operator, node: Node, free: int, kinds: list[str]
) -> None:
    Node.objects.update(free=free)
    alarms.notice()
    assert raised() == kinds


def test_what_is_long_past_is_no_alarm(node: Node) -> None:
    Node.objects.update(state="lost", state_since=timezone.now() - timedelta(days=3))
    assert alarms.notice() == 0


def test_a_webhook_is_called_and_can_check_who_calls(
    operator: Operator, node: Node, hook: Callable[[Answer], Peer]
) -> None:
    peer = hook(always(status(204)))
    address = to(operator, f"{peer.url}/alarms?of=olga")
    node.move_to(Node.State.SUSPECT, why="No sign of life.")
    alarms.notice()
    sending = AlarmSending.objects.get()
    telling.send_alarm(sending_id=sending.pk)
    telling.send_alarm(sending_id=sending.pk)
    sending.refresh_from_db()
    assert (sending.state, sending.why) == ("sent", "")
    (asked,) = peer.asked
    assert (asked.method, asked.target) == ("POST", "/alarms?of=olga")
    said = json.loads(asked.body)
    assert said["type"] == "node.silent"
    assert said["data"]["node"] == node.key
    at = asked.headers["webhook-timestamp"]
    signed = f"{asked.headers['webhook-id']}.{at}.".encode() + asked.body
    mac = hmac.digest(b64decode(address.secret.removeprefix("whsec_")), signed, sha256)
    assert asked.headers["webhook-signature"] == f"v1,{b64encode(mac).decode()}"
    assert abs(int(at) - timezone.now().timestamp()) < 10


@pytest.mark.parametrize(
    "answer",
    [
        status(500),
        status(404),
        status(302, b"Location: https://127.0.0.1/\r\n"),
        None,
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_not_taken_is_tried_again_later(
    operator: Operator, hook: Callable[[Answer], Peer], answer: bytes | None
) -> None:
    peer = hook(always(answer))
    to(operator, peer.url)
    alarms.sound_test(operator)
    sending = AlarmSending.objects.get()
    telling.send_alarm(sending_id=sending.pk)
    telling.send_alarm(sending_id=sending.pk)
    sending.refresh_from_db()
    assert (sending.state, sending.tries) == ("waiting", 1)
    assert sending.why
    assert sending.next_try > timezone.now() + timedelta(seconds=30)
    assert len(peer.asked) == 1


def test_hope_is_given_up_after_some_hours(
    operator: Operator, hook: Callable[[Answer], Peer]
) -> None:
    to(operator, hook(always(status(503))).url)
    alarms.sound_test(operator)
    sending, began = AlarmSending.objects.get(), timezone.now()
    while sending.state == "waiting":
        with time_machine.travel(sending.next_try + timedelta(seconds=1), tick=False):
            telling.send_alarm(sending_id=sending.pk)
        sending.refresh_from_db()
    assert (sending.state, sending.tries) == ("failed", telling.MOST_TRIES)
    assert timedelta(hours=4) < sending.next_try - began < timedelta(hours=12)


def test_a_webhook_that_is_gone_is_not_called_again(
    operator: Operator, hook: Callable[[Answer], Peer]
) -> None:
    to(operator, hook(always(status(410))).url)
    alarms.sound_test(operator)
    telling.send_alarm(sending_id=AlarmSending.objects.get().pk)
    assert AlarmSending.objects.get().state == "failed"


def test_private_networks_are_not_called(
    operator: Operator, hook: Callable[[Answer], Peer], settings: Settings
) -> None:
    settings.NODE_RANGES = []
    peer = hook(always(status(204)))
    to(operator, peer.url)
    alarms.sound_test(operator)
    telling.send_alarm(sending_id=AlarmSending.objects.get().pk)
    assert AlarmSending.objects.get().state == "waiting"
    assert not peer.lines


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/",
        "ftp://hook.example/",
        "https://",
        "https://user:secret@hook.example/",
        "https://hook.example/#part",
        "https://hook.example:99999/",
        "https://2130706433/",
        "https://hook.example/a b",
        "https://hook.example/\r\nX: y",
        "https://hook.example/ä",
        "https://hook.example/" + "a" * 500,
    ],
)
def test_what_is_no_webhook_is_not_kept(operator: Operator, url: str) -> None:
    with pytest.raises(webhooks.BadWebhook):
        alarms.add_webhook(operator, url)
    assert not AlarmAddress.objects.exists()


def test_a_mailbox_gets_alarms_once_its_code_came_back(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _size=32: "c0ffee00")
    address = alarms.add_mail(operator, "olga@example.org")
    telling.ask_to_confirm(address_id=address.pk, code="c0ffee00")
    assert "c0ffee00" in mail.outbox[0].body
    assert "c0ffee00" not in AlarmAddress.objects.get().secret
    alarms.sound_test(operator)
    assert not AlarmSending.objects.exists()
    Alarm.objects.all().delete()
    assert not alarms.confirm(operator, address.key, "00000000")
    assert alarms.confirm(operator, address.key, " c0ffee00 ")
    assert not alarms.confirm(operator, address.key, "")
    alarms.sound_test(operator)
    telling.send_alarm(sending_id=AlarmSending.objects.get().pk)
    assert mail.outbox[1].to == ["olga@example.org"]
    assert "only a test" in mail.outbox[1].subject
    assert AlarmSending.objects.get().state == "sent"


def test_nobody_has_more_addresses_than_a_few(operator: Operator) -> None:
    for number in range(alarms.MOST):
        to(operator, f"https://hook.example/{number}")
    with pytest.raises(alarms.TooMany):
        to(operator, "https://hook.example/more")
    assert to(operator, "https://hook.example/0").pk
    assert AlarmAddress.objects.count() == alarms.MOST
