"""A token does what it was made for, is known by its hash alone, and can be revoked."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.people.make_people import join, make_user, signed_in
from wetube.people import tokens
from wetube.people.models import Token, User

pytestmark = pytest.mark.django_db


def test_a_token_acts_for_its_person_within_its_scopes(alice: User) -> None:
    _token, secret = tokens.mint(alice, name="script", scopes=["upload"])
    assert tokens.authenticate(secret, scope="upload") == alice
    with pytest.raises(tokens.ScopeMissing):
        tokens.authenticate(secret, scope="wallet")


@pytest.mark.parametrize("secret", ["", "wt_", "wt_" + "A" * 27, "é"])
def test_other_secrets_are_unknown(alice: User, secret: str) -> None:
    tokens.mint(alice, name="script", scopes=["upload"])
    with pytest.raises(tokens.UnknownToken):
        tokens.authenticate(secret, scope="upload")


@pytest.mark.parametrize("scopes", [[], ["all"], ["read", "root"]])
def test_unknown_scopes_make_no_token(alice: User, scopes: list[str]) -> None:
    with pytest.raises(tokens.BadScope):
        tokens.mint(alice, name="script", scopes=scopes)
    assert not Token.objects.exists()


def test_a_secret_has_160_bits_and_is_not_kept(alice: User) -> None:
    token, secret = tokens.mint(alice, name="script", scopes=["read"])
    assert len(secret) == len("wt_") + 27
    assert secret not in repr(Token.objects.filter(pk=token.pk).values())


def test_a_plain_token_opens_no_keys(alice: User) -> None:
    _token, secret = tokens.mint(alice, name="script", scopes=["read"])
    assert tokens.unlock(secret) is None


def test_only_its_person_revokes_a_token(alice: User, bob: User) -> None:
    token, secret = tokens.mint(alice, name="script", scopes=["read"])
    assert not tokens.revoke(bob, token.key)
    assert tokens.authenticate(secret, scope="read") == alice
    assert tokens.revoke(alice, token.key)
    with pytest.raises(tokens.UnknownToken):
        tokens.authenticate(secret, scope="read")


def test_the_token_of_a_closed_account_is_unknown() -> None:
    closed = make_user("carol", is_active=False)
    _token, secret = tokens.mint(closed, name="script", scopes=["read"])
    with pytest.raises(tokens.UnknownToken):
        tokens.authenticate(secret, scope="read")


def test_the_day_of_use_is_noted_once_a_day(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    token, secret = tokens.mint(alice, name="script", scopes=["read"])
    tokens.authenticate(secret, scope="read")
    token.refresh_from_db()
    assert token.used_on == timezone.localdate()
    with django_assert_num_queries(1):
        tokens.authenticate(secret, scope="read")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        tokens.authenticate(secret, scope="read")
        token.refresh_from_db()
        assert token.used_on == timezone.localdate()


def test_the_page_shows_the_secret_once() -> None:
    user, master, words = join("alice")
    browser = signed_in(words)
    made = browser.post(
        "/settings/tokens/new/", {"name": "My app", "scopes": ["read"], "opens_keys": "on"}
    )
    assert made.status_code == 201
    secret = made.context["secret"]
    assert tokens.unlock(secret) == master
    page = browser.get("/settings/tokens/").content
    assert b"My app" in page
    assert secret.encode() not in page

    browser.post(f"/settings/tokens/{user.tokens.get().key}/revoke/")
    assert not Token.objects.exists()


def test_a_token_without_scopes_is_refused_by_the_page() -> None:
    _user, _master, words = join("alice")
    assert signed_in(words).post("/settings/tokens/new/", {"name": "x"}).status_code == 422
    assert not Token.objects.exists()


def test_nobody_revokes_on_anothers_page(alice: User, bob: User, client: Client) -> None:
    token, _secret = tokens.mint(alice, name="script", scopes=["read"])
    client.force_login(bob)
    client.post(f"/settings/tokens/{token.key}/revoke/")
    assert Token.objects.filter(pk=token.pk).exists()


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_costs_the_same_for_many(
    alice: User, client: Client, count: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        tokens.mint(alice, name=f"script {number}", scopes=["read"])
    client.force_login(alice)
    client.get("/settings/tokens/")
    with django_assert_max_num_queries(6):
        client.get("/settings/tokens/")
