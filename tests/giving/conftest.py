"""Somebody who gives, some who are given to, and books that several threads may write at once."""

import pytest
from django.test import Client

from tests import make
from tests.cloudcoin.conftest import shared_books
from wetube.giving import pots
from wetube.giving.models import Pot
from wetube.people.models import Channel, User

__all__ = ["shared_books"]


@pytest.fixture
def carol(db: None) -> User:
    """Carol publishes, too."""
    return make.user("carol")


@pytest.fixture
def hers(carol: User) -> Channel:
    return make.channel(carol, "carols-films")


@pytest.fixture
def pot(bob: User) -> Pot:
    """Bob gives two coins a month."""
    return pots.fill(bob, amount=2 * 10**8)


@pytest.fixture
def page(client: Client, bob: User) -> Client:
    """Bob's browser."""
    client.force_login(bob)
    return client


@pytest.fixture
def creator(alice: User) -> Client:
    """Alice's browser."""
    browser = Client()
    browser.force_login(alice)
    return browser
