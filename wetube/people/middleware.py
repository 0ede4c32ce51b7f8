"""Keeping the list of a person's sessions true."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from wetube.people import logins


class LoginRecord:
    """Once a day and session, note that this browser is signed in.

    The session remembers the day, so all further requests of that day cost nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without the cookie there is nothing to note, and the page stays cacheable.
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            logins.note_day(request)
        return self.get_response(request)
