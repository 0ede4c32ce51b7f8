"""With the second step on, a password alone opens nothing, and no code works twice."""

import re
import time
from base64 import b32decode

import pytest
import time_machine
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.test import Client

from tests.people.make_people import PASSWORD, join, signed_in
from wetube.people import second_step
from wetube.people.keys import MasterKey
from wetube.people.models import RecoveryCode, SecondStep, User

pytestmark = pytest.mark.django_db
SECRET = b"12345678901234567890"  # RFC 6238, appendix B


def code(secret: bytes, *, late: int = 0) -> str:
    return TOTP(secret, 6, SHA1(), 30).generate(int(time.time()) - late).decode()


@pytest.fixture
def guarded() -> tuple[User, MasterKey, list[str]]:
    user, master, _words = join("alice", password=PASSWORD)
    with time_machine.travel(1_700_000_000, tick=False):
        codes = second_step.switch_on(user, master, SECRET, code(SECRET))
    return user, master, codes


def with_password(client: Client) -> None:
    answer = client.post("/log-in/", {"name": "alice", "password": PASSWORD, "next": "/wallet/"})
    assert answer["Location"] == "/log-in/code/?next=%2Fwallet%2F"


def is_in(client: Client) -> bool:
    return bool(client.get("/settings/").status_code == 200)


@pytest.mark.parametrize(("when", "expected"), [(59, "287082"), (1111111109, "081804")])
def test_codes_are_those_of_the_rfc(when: int, expected: str) -> None:
    with time_machine.travel(when, tick=False):
        assert second_step._counter_of(SECRET, expected) == when // 30


def test_the_password_alone_does_not_let_in(
    client: Client, guarded: tuple[User, MasterKey, list[str]]
) -> None:
    with_password(client)
    assert not is_in(client)
    answer = client.post("/log-in/code/", {"code": "000000"})
    assert answer.status_code == 422
    assert not is_in(client)


def test_password_and_code_let_in_and_open_the_keys(
    client: Client, guarded: tuple[User, MasterKey, list[str]]
) -> None:
    with_password(client)
    answer = client.post("/log-in/code/", {"code": code(SECRET), "next": "/wallet/"})
    assert answer["Location"] == "/wallet/"
    assert b"Your keys are open" in client.get("/settings/keys/").content
    assert "half_in" not in client.session


def test_a_code_works_once(guarded: tuple[User, MasterKey, list[str]]) -> None:
    user, master, _codes = guarded
    second_step.check(user, master, code(SECRET))
    with pytest.raises(second_step.WrongCode):
        second_step.check(user, master, code(SECRET))


def test_the_code_it_was_set_up_with_is_spent(
    guarded: tuple[User, MasterKey, list[str]],
) -> None:
    user, master, _codes = guarded
    with time_machine.travel(1_700_000_000, tick=False), pytest.raises(second_step.WrongCode):
        second_step.check(user, master, code(SECRET))


@pytest.mark.parametrize(("late", "good"), [(-30, True), (0, True), (30, True), (90, False)])
def test_one_step_early_or_late_is_accepted(
    guarded: tuple[User, MasterKey, list[str]], late: int, good: bool
) -> None:
    user, master, _codes = guarded
    with time_machine.travel(1_900_000_000, tick=False):
        typed = code(SECRET, late=late)
        if good:
            second_step.check(user, master, typed)
        else:
            with pytest.raises(second_step.WrongCode):
                second_step.check(user, master, typed)


def test_a_recovery_code_stands_in_once(
    client: Client, guarded: tuple[User, MasterKey, list[str]]
) -> None:
    user, master, codes = guarded
    with_password(client)
    client.post("/log-in/code/", {"code": codes[0].upper().replace("-", " ")})
    assert is_in(client)
    assert RecoveryCode.objects.count() == second_step.RECOVERY_CODES - 1
    with pytest.raises(second_step.WrongCode):
        second_step.check(user, master, codes[0])


def test_the_half_open_door_shuts_after_a_while(
    client: Client, guarded: tuple[User, MasterKey, list[str]]
) -> None:
    with time_machine.travel(1_900_000_000, tick=False) as now:
        with_password(client)
        now.shift(601)
        answer = client.post("/log-in/code/", {"code": code(SECRET)})
        assert answer["Location"] == "/log-in/"
        assert not is_in(client)


def test_nobody_gets_to_the_code_without_the_password(client: Client) -> None:
    assert client.get("/log-in/code/")["Location"] == "/log-in/"


def test_it_is_switched_on_in_the_settings_and_shows_its_codes_once() -> None:
    user, _master, words = join("alice", password=PASSWORD)
    browser = signed_in(words)
    page = browser.get("/settings/security/code/")
    spelled = page.context["spelled"]
    assert page.context["picture"].startswith("data:image/svg+xml")
    assert f"secret={spelled}" in page.context["otpauth"]

    assert browser.post("/settings/security/code/", {"code": "nonsense"}).status_code == 422
    assert not SecondStep.objects.exists()
    secret = b32decode(spelled)
    made = browser.post("/settings/security/code/", {"code": code(secret)})
    codes = re.findall(r"<code>([0-9a-f]{8}-[0-9a-f]{8})</code>", made.content.decode())
    assert len(codes) == second_step.RECOVERY_CODES
    assert second_step.is_on(user)
    assert codes[0].encode() not in browser.get("/settings/security/").content


def test_the_secret_is_not_kept_in_clear(guarded: tuple[User, MasterKey, list[str]]) -> None:
    _user, master, codes = guarded
    step = SecondStep.objects.get()
    assert SECRET not in bytes(step.sealed_secret)
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    assert master.open(step.sealed_secret, purpose=second_step.PURPOSE) == SECRET


def test_switching_off_forgets_the_codes_too(
    guarded: tuple[User, MasterKey, list[str]],
) -> None:
    user, _master, _codes = guarded
    second_step.switch_off(user)
    assert not second_step.is_on(user)
    assert not RecoveryCode.objects.exists()


def test_the_phrase_needs_no_code(client: Client) -> None:
    user, master, words = join("alice", password=PASSWORD)
    second_step.switch_on(user, master, SECRET, code(SECRET))
    client.post("/log-in/phrase/", {"phrase": words})
    assert is_in(client)
