"""A passkey lets its person in without a name; what only looks like one does not."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.people.authenticator import Authenticator
from tests.people.make_people import join, signed_in
from wetube.people import passkeys
from wetube.people.keys import MasterKey
from wetube.people.models import Passkey, User

pytestmark = pytest.mark.django_db
ORIGIN = settings.SITE_URL


def add(user: User, device: Authenticator, master: MasterKey | None = None) -> Passkey:
    challenge = passkeys.new_challenge()
    answer = device.create(passkeys.options_to_add(user, challenge))
    return passkeys.add(user, name="phone", challenge=challenge, answer=answer, master=master)


def sign_in(device: Authenticator) -> tuple[User, MasterKey | None]:
    challenge = passkeys.new_challenge()
    answer = device.get(passkeys.options_to_sign_in(challenge))
    return passkeys.open_by(challenge=challenge, answer=answer)


def test_with_prf_it_opens_door_and_keys() -> None:
    user, master, _words = join()
    device = Authenticator(ORIGIN, prf=True)
    add(user, device, master)
    assert sign_in(device) == (user, master)


def test_without_prf_it_opens_the_door_alone() -> None:
    user, master, _words = join()
    device = Authenticator(ORIGIN)
    assert add(user, device, master).wrapped_master is None
    assert sign_in(device) == (user, None)


def test_another_prf_secret_opens_no_keys() -> None:
    user, master, _words = join()
    device = Authenticator(ORIGIN, prf=True)
    add(user, device, master)
    device.secret = bytes(32)
    assert sign_in(device) == (user, None)


def test_another_origin_is_refused() -> None:
    user, master, _words = join()
    with pytest.raises(passkeys.PasskeyRefused):
        add(user, Authenticator("https://evil.example"), master)
    assert not Passkey.objects.exists()


def test_one_that_verifies_nobody_is_refused() -> None:
    user, _master, _words = join()
    with pytest.raises(passkeys.PasskeyRefused):
        add(user, Authenticator(ORIGIN, verifies=False))
    assert not Passkey.objects.exists()


def test_another_challenge_is_refused() -> None:
    user, _master, _words = join()
    device = Authenticator(ORIGIN)
    add(user, device)
    answer = device.get(passkeys.options_to_sign_in(passkeys.new_challenge()))
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.open_by(challenge=passkeys.new_challenge(), answer=answer)
    assert Passkey.objects.get().used_on is None


def test_a_copied_authenticator_is_noticed_by_its_counter() -> None:
    user, _master, _words = join()
    device = Authenticator(ORIGIN)
    add(user, device)
    sign_in(device)
    device.count = 0
    with pytest.raises(passkeys.PasskeyRefused):
        sign_in(device)


def test_the_same_passkey_is_not_added_twice() -> None:
    alice, _master, _words = join()
    bob, _bobs, _bobs_words = join()
    device = Authenticator(ORIGIN)
    add(alice, device)
    with pytest.raises(passkeys.PasskeyRefused):
        add(bob, device)
    assert Passkey.objects.get().user == alice


def test_a_removed_passkey_is_unknown() -> None:
    user, _master, _words = join()
    device = Authenticator(ORIGIN)
    passkey = add(user, device)
    assert not passkeys.remove(join()[0], passkey.key)
    assert passkeys.remove(user, passkey.key)
    with pytest.raises(passkeys.PasskeyRefused, match="not known"):
        sign_in(device)


@pytest.mark.parametrize(
    "answer",
    [{}, {"rawId": 7}, {"rawId": "AAAA"}, {"rawId": "é"}, {"rawId": None, "response": []}],
)
def test_nonsense_is_refused(answer: dict[str, Any]) -> None:
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.open_by(challenge=passkeys.new_challenge(), answer=answer)
    user, _master, _words = join()
    with pytest.raises(passkeys.PasskeyRefused):
        passkeys.add(user, name="", challenge=passkeys.new_challenge(), answer=answer)


def test_through_the_pages(client: Client) -> None:
    user, _master, words = join()
    browser = signed_in(words)
    device = Authenticator(ORIGIN, prf=True)
    options = browser.post("/settings/security/passkeys/options/").json()
    answer = {**device.create(options), "name": "My phone"}
    made = browser.post("/settings/security/passkeys/", answer, "application/json")
    assert made.status_code == 201
    assert b"My phone" in browser.get("/settings/security/").content

    options = client.post("/log-in/passkey/options/").json()
    shown = device.get(options)
    entered = client.post("/log-in/passkey/?next=/wallet/", shown, "application/json")
    assert entered.json() == {"next": "/wallet/"}
    assert b"Your keys are open" in client.get("/settings/keys/").content
    assert user.logins.count() == 2


def test_an_answer_counts_once(client: Client) -> None:
    user, _master, _words = join()
    device = Authenticator(ORIGIN)
    add(user, device)
    shown = device.get(client.post("/log-in/passkey/options/").json())
    assert client.post("/log-in/passkey/", shown, "application/json").status_code == 200
    client.post("/log-out/")
    again = client.post("/log-in/passkey/", shown, "application/json")
    assert again.status_code == 422
    assert again.json() == {"error": "Ask for the passkey again."}


def test_adding_one_asks_first_who_it_is() -> None:
    _user, _master, words = join()
    browser = signed_in(words)
    session = browser.session
    session["proven_at"] = 0
    session.save()
    answer = browser.post("/settings/security/passkeys/options/")
    assert answer["Location"] == "/settings/confirm/?next=%2Fsettings%2Fsecurity%2F"


def test_a_passkey_shows_again_who_it_is_within_the_same_session() -> None:
    user, _master, words = join()
    browser = signed_in(words)
    device = Authenticator(ORIGIN)
    add(user, device)
    session = browser.session
    session["proven_at"] = 0
    session.save()
    assert b"Show it with a passkey" in browser.get("/settings/confirm/").content

    shown = device.get(browser.post("/log-in/passkey/options/").json())
    browser.post("/log-in/passkey/", shown, "application/json")
    assert browser.get("/settings/leave/").status_code == 200
    assert user.logins.get().session_key == browser.session.session_key
    assert b"Your keys are open" in browser.get("/settings/keys/").content
