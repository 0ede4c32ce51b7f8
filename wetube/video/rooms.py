"""Who may listen to what the server says about a film while it is made."""

from django.contrib.auth.models import AnonymousUser

from wetube.people.models import User
from wetube.video.models import Video


def may_watch_progress(user: User | AnonymousUser, key: str) -> bool:
    """The owner only: strangers learn from the page when there is something to see."""
    return user.is_authenticated and Video.objects.filter(key=key, channel__owner=user).exists()
