"""What is sealed opens by the right key alone, and each credential opens the same master key."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.people.make_people import PASSWORD, join, signed_in
from wetube.people import keys, passwords, phrases, tokens
from wetube.people.keys import MasterKey, WrongKey

MASTER = MasterKey(bytes(range(32)))


@given(st.binary(max_size=200), st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_seal_does_not_open(plain: bytes, place: int, bits: int) -> None:
    sealed = bytearray(MASTER.seal(plain, purpose="test"))
    assert MASTER.open(bytes(sealed), purpose="test") == plain
    sealed[place % len(sealed)] ^= bits
    with pytest.raises(WrongKey):
        MASTER.open(bytes(sealed), purpose="test")


def test_a_seal_opens_for_its_purpose_alone() -> None:
    sealed = MASTER.seal(b"secret", purpose="one thing")
    with pytest.raises(WrongKey):
        MASTER.open(sealed, purpose="another")
    with pytest.raises(WrongKey):
        MasterKey.new().open(sealed, purpose="one thing")
    with pytest.raises(WrongKey):
        MASTER.open(b"", purpose="one thing")


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_a_wrap_opens_by_its_own_key_alone(kek: bytes, other: bytes) -> None:
    wrapped = MASTER.wrap(kek)
    assert len(wrapped) == 40
    assert MasterKey.unwrap(kek, wrapped) == MASTER
    if other != kek:
        with pytest.raises(WrongKey):
            MasterKey.unwrap(other, wrapped)


@pytest.mark.parametrize("wrapped", [b"", b"short", bytes(40), bytes(48)])
def test_what_is_no_wrap_is_refused(wrapped: bytes) -> None:
    with pytest.raises(WrongKey):
        MasterKey.unwrap(bytes(32), wrapped)


def test_a_master_key_does_not_show_itself() -> None:
    assert repr(MASTER) == "MasterKey()"


@pytest.mark.django_db
def test_phrase_password_and_app_password_open_the_same_keys() -> None:
    user, master, words = join("alice", password=PASSWORD)
    _token, secret = tokens.mint(user, name="app", scopes=["read"], master=master)

    assert phrases.open_by(words) == (user, master)
    assert passwords.open_by("alice", PASSWORD) == (user, master)
    assert tokens.unlock(secret) == master
    agree, sign = keys.open_pairs(user.keypairs, master)
    assert agree.public_key().public_bytes_raw() == bytes(user.keypairs.x25519_public)
    assert sign.public_key().public_bytes_raw() == bytes(user.keypairs.ed25519_public)


@pytest.mark.django_db
def test_another_persons_key_does_not_open_mine() -> None:
    alice, _master, _words = join("alice")
    _bob, bobs, _bobs_words = join("bob")
    with pytest.raises(WrongKey):
        keys.open_pairs(alice.keypairs, bobs)


@pytest.mark.django_db
def test_the_session_opens_keys_only_with_the_cookie() -> None:
    _user, _master, words = join("alice")
    browser = signed_in(words)
    assert b"Your keys are open" in browser.get("/settings/keys/").content

    kept = browser.cookies.pop(keys.COOKIE)
    assert b"Your keys are shut" in browser.get("/settings/keys/").content
    browser.cookies[keys.COOKIE] = "AAAA" + kept.value[4:]
    assert b"Your keys are shut" in browser.get("/settings/keys/").content
    browser.cookies[keys.COOKIE] = kept.value
    assert b"Your keys are open" in browser.get("/settings/keys/").content


@pytest.mark.django_db
def test_the_cookie_is_out_of_reach_of_scripts_and_goes_at_log_out(client: Client) -> None:
    _user, _master, words = join("alice")
    answer = client.post("/log-in/phrase/", {"phrase": words})
    cookie = answer.cookies[keys.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"

    answer = client.post("/log-out/")
    assert answer.cookies[keys.COOKIE].value == ""


@pytest.mark.django_db
def test_shut_keys_open_again_by_the_phrase() -> None:
    _user, _master, words = join("alice")
    browser = signed_in(words)
    del browser.cookies[keys.COOKIE]
    answer = browser.post("/settings/confirm/", {"phrase": words, "next": "/settings/keys/"})
    assert answer.headers["Location"] == "/settings/keys/"
    assert b"Your keys are open" in browser.get("/settings/keys/").content


@pytest.mark.django_db
def test_another_persons_phrase_does_not_prove_me() -> None:
    _alice, _master, words = join("alice")
    _bob, _bobs, bobs_words = join("bob")
    browser = signed_in(words)
    answer = browser.post("/settings/confirm/", {"phrase": bobs_words})
    assert answer.status_code == 422
    assert b"This is not your phrase" in answer.content


@pytest.mark.django_db
@pytest.mark.parametrize(("password", "said"), [("", b"required"), (PASSWORD, b"or your recovery")])
def test_showing_nothing_proves_nothing(password: str, said: bytes) -> None:
    _alice, _master, words = join("alice", password=password)
    answer = signed_in(words).post("/settings/confirm/", {"next": ""})
    assert answer.status_code == 422
    assert said in answer.content
