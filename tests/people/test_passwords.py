"""A password opens the door and the keys, and an unknown name tells nothing."""

import time

import pytest

from tests.people.make_people import PASSWORD, join, make_user, signed_in
from wetube.people import passwords
from wetube.people.keys import MasterKey, WrongKey
from wetube.people.models import KeyPairs, User

pytestmark = pytest.mark.django_db
NEW = "another long password"


@pytest.mark.parametrize("name", ["alice", "nobody", "", "nameless-but-known"])
def test_wrong_password_and_unknown_name_get_the_same_answer(name: str) -> None:
    join("alice", password=PASSWORD)
    make_user("nameless-but-known")  # has no password at all
    with pytest.raises(passwords.WrongPassword, match="Name or password is wrong"):
        passwords.open_by(name, "wrong")


def test_an_unknown_name_takes_as_long_as_a_known_one() -> None:
    join("alice", password=PASSWORD)

    def spent(name: str) -> float:
        began = time.thread_time()
        with pytest.raises(passwords.WrongPassword):
            passwords.open_by(name, "wrong")
        return time.thread_time() - began

    known = min(spent("alice") for _ in range(3))
    unknown = min(spent("nobody") for _ in range(3))
    assert 0.5 < unknown / known < 2


def test_letters_composed_otherwise_are_the_same_password() -> None:
    user, master, _words = join("alice", password="contraseña larga")
    assert passwords.open_by("Alice", "contrasen\u0303a larga") == (user, master)


def test_a_new_password_wraps_the_same_key_and_shuts_the_old_one_out() -> None:
    user, master, _words = join("alice", password=PASSWORD)
    passwords.set_for(user, master, NEW)
    assert passwords.open_by("alice", NEW) == (user, master)
    with pytest.raises(passwords.WrongPassword):
        passwords.open_by("alice", PASSWORD)


def test_the_verifier_does_not_unwrap() -> None:
    user, _master, _words = join("alice", password=PASSWORD)
    _salt, verifier = passwords._parts(user.password)
    wrapped = KeyPairs.objects.get(user=user).master_by_password
    assert wrapped is not None
    with pytest.raises(WrongKey):
        MasterKey.unwrap(verifier, wrapped)


def test_djangos_own_door_stays_shut() -> None:
    user, _master, _words = join("alice", password=PASSWORD)
    assert not user.check_password(PASSWORD)


def test_a_removed_password_lets_nobody_in() -> None:
    user, _master, _words = join("alice", password=PASSWORD)
    passwords.remove(user)
    user.refresh_from_db()
    assert not user.has_password
    assert KeyPairs.objects.get(user=user).master_by_password is None
    with pytest.raises(passwords.WrongPassword):
        passwords.open_by("alice", PASSWORD)


def test_recovery_by_phrase_sets_a_new_password() -> None:
    user, master, words = join("alice", password=PASSWORD)
    browser = signed_in(words)
    answer = browser.post("/settings/security/password/", {"password": NEW, "again": NEW})
    assert answer.status_code == 302
    assert passwords.open_by("alice", NEW) == (user, master)
    assert browser.get("/settings/security/").status_code == 200  # still signed in


@pytest.mark.parametrize(
    ("password", "again"), [("short", "short"), ("password1234", "password1234"), (NEW, PASSWORD)]
)
def test_a_bad_new_password_changes_nothing(password: str, again: str) -> None:
    user, _master, words = join("alice", password=PASSWORD)
    browser = signed_in(words)
    answer = browser.post("/settings/security/password/", {"password": password, "again": again})
    assert answer.status_code == 422
    assert User.objects.get().password == user.password


def test_a_new_password_ends_all_other_sessions() -> None:
    _user, _master, words = join("alice")
    here, there = signed_in(words), signed_in(words)
    here.post("/settings/security/password/", {"password": NEW, "again": NEW})
    assert here.get("/settings/").status_code == 200
    assert there.get("/settings/").status_code == 302
