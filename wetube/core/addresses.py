"""Addresses with a zero byte in them: no row has such a key, and PostgreSQL fails when asked."""

from collections.abc import Callable

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


def without_zeros(answer: Answer) -> Answer:
    """Middleware: there is nothing at a path with a zero byte; queries are for views to read."""

    def checked(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path:
            raise Http404
        return answer(request)

    return checked
