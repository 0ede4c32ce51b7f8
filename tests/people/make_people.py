"""People, channels and signed-in browsers for tests, with real keys."""

from typing import Any

from django.test import Client

from wetube.people import joining, keys, passwords, phrases
from wetube.people.models import Channel, User

PASSWORD = "correct horse battery"


def make_user(name: str | None = None, *, words: str = "", **fields: Any) -> User:
    """Somebody who has just joined, without a channel; `words` is their phrase."""
    user = User(name=name, **fields)
    user.set_unusable_password()
    user.save()
    master = keys.MasterKey.new()
    keys.new_pairs(user, master).save()
    phrases.keep(user, words or phrases.new(), master)
    return user


def make_channel(owner: User, handle: str = "", **fields: Any) -> Channel:
    """A channel; handle and name say what the test cares about or are random."""
    channel = Channel(owner=owner, **fields)
    channel.handle = handle or f"channel-{channel.key.lower()}"
    channel.name = channel.name or channel.handle
    channel.save()
    return channel


def join(name: str = "", *, password: str = "") -> tuple[User, keys.MasterKey, str]:
    """Somebody who joined by the real verb: the person, their master key, their phrase."""
    words = phrases.new()
    user, master = joining.join(name=name, words=words)
    if password:
        passwords.set_for(user, master, password)
    return user, master, words


def signed_in(words: str) -> Client:
    """A browser that came in by the phrase: its keys are open and its proof is fresh."""
    browser = Client()
    answer = browser.post("/log-in/phrase/", {"phrase": words})
    assert answer.status_code == 302
    return browser
