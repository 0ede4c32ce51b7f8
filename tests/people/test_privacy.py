"""After everything a person does, no address, no agent and no secret lies in the database."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.test import Client

from tests.people.authenticator import Authenticator
from tests.people.make_people import PASSWORD, join
from wetube.people import keys, tokens

pytestmark = pytest.mark.django_db
ADDRESS, AGENT = "192.0.2.77", "Mozilla/5.0 (X11; Linux x86_64) CanaryBuild/7 Firefox/140.0"


def dump(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    call_command("dumpdata", "people", "sessions")
    return capsys.readouterr().out


def test_nothing_that_should_not_be_is_kept(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    user, master, words = join("alice", password=PASSWORD)
    browser = Client(REMOTE_ADDR=ADDRESS, headers={"user-agent": AGENT})
    browser.post("/log-in/", {"name": "alice", "password": "a wrong one"})
    browser.post("/log-in/phrase/", {"phrase": words})
    assert browser.get("/settings/sessions/").status_code == 200
    device = Authenticator("http://localhost:8000", prf=True)
    options = browser.post("/settings/security/passkeys/options/").json()
    browser.post("/settings/security/passkeys/", device.create(options), "application/json")
    browser.get("/settings/security/code/")
    _token, secret = tokens.mint(user, name="app", scopes=["read"], master=master)

    kept = dump(capsys) + caplog.text
    assert "Firefox on Linux" in kept
    for canary in (ADDRESS, "CanaryBuild", PASSWORD, secret, words, master.secret.hex()):
        assert canary not in kept
    assert browser.cookies[keys.COOKIE].value not in kept


def test_no_row_has_room_for_an_address_or_mail() -> None:
    names = {
        field.name
        for model in apps.get_app_config("people").get_models()
        for field in model._meta.get_fields()
    }
    assert not names & {"ip", "address", "email", "user_agent", "agent", "last_login"}
