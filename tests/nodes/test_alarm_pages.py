"""/node/alarms/: adding, testing and removing addresses, one's own alone."""

import pytest
from django.test import Client
from pytest_django import Settings

from wetube.nodes import alarms, registering
from wetube.nodes.models import AlarmAddress, AlarmSending, Operator
from wetube.people.models import User

pytestmark = pytest.mark.usefixtures("db")
PAGE = "/node/alarms/"


@pytest.fixture(autouse=True)
def _with_mail(settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"


@pytest.fixture
def operator(olga: User) -> Operator:
    return registering.operator_of(olga)


@pytest.fixture
def browser(olga: User, client: Client) -> Client:
    client.force_login(olga)
    return client


def test_a_site_without_mail_offers_none(
    operator: Operator, browser: Client, settings: Settings
) -> None:
    settings.EMAIL_HOST = ""
    assert "Add the mailbox" not in browser.get(PAGE).content.decode()
    assert browser.post(f"{PAGE}mail/", {"to": "olga@example.org"}).status_code == 422
    assert not AlarmAddress.objects.exists()


def test_the_page_adds_shows_the_secret_once_tests_and_removes(browser: Client) -> None:
    assert "Nobody is told" in browser.get(PAGE).content.decode()
    made = browser.post(f"{PAGE}webhook/", {"url": "https://hook.example/x"})
    assert made.status_code == 201
    secret = AlarmAddress.objects.get().secret
    assert secret in made.content.decode().replace("&#x2B;", "+")
    assert secret not in browser.get(PAGE).content.decode().replace("&#x2B;", "+")
    browser.post(f"{PAGE}test/")
    assert "only a test" in browser.get(PAGE).content.decode()
    browser.post(f"{PAGE}{AlarmAddress.objects.get().key}/remove/")
    assert not AlarmAddress.objects.exists()
    assert not AlarmSending.objects.exists()


def test_what_is_no_address_is_said_at_the_field(browser: Client) -> None:
    for kind, said in (("webhook", {"url": "http://x"}), ("mail", {"to": "nobody"})):
        answer = browser.post(f"{PAGE}{kind}/", said)
        assert answer.status_code == 422
        assert "mistake" in answer.content.decode()
    assert not AlarmAddress.objects.exists()


def test_nobody_touches_anothers_addresses(client: Client, bob: User, operator: Operator) -> None:
    address = alarms.add_webhook(operator, "https://hook.example/x")
    client.force_login(bob)
    assert address.to not in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{address.key}/remove/")
    client.post(f"{PAGE}test/")
    assert AlarmAddress.objects.get() == address
    assert not AlarmSending.objects.exists()
