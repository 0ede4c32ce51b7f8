"""Addresses with a zero byte in them: no row has such a key, and PostgreSQL fails when asked."""

from collections.abc import Callable

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


def without_zeros(answer: Answer) -> Answer:
    """Middleware: there is nothing at an address with a zero byte in its path or query."""

    def checked(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return answer(request)

    return checked
