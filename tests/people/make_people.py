"""People and channels for tests, with real keys but without the slow password."""

from typing import Any

from wetube.people import keys, phrases
from wetube.people.models import Channel, User


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
