"""Pages share a few threads that stay, and with them their connections to the database."""

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import translation
from pytest_django import Settings

from wetube.core.page_threads import PagesHandler

THREADS = 3
working = threading.Semaphore(THREADS)
kept = threading.local()


def slow(request: HttpRequest) -> HttpResponse:
    """Says which thread made it; fails where one more is at work than there may be."""
    if not working.acquire(blocking=False):
        return HttpResponse("too many", status=500)
    time.sleep(0.02)
    working.release()
    return HttpResponse(str(threading.get_ident()))


def first_of_its_thread(request: HttpRequest) -> HttpResponse:
    """What a database connection is to Django: kept with the thread, gone with it."""
    is_first = not hasattr(kept, "connection")
    kept.connection = True
    return HttpResponse(str(is_first))


def spanish(request: HttpRequest) -> HttpResponse:
    was = translation.get_language()
    translation.activate("es")
    return HttpResponse(was)


urlpatterns = [path("slow/", slow), path("first/", first_of_its_thread), path("spanish/", spanish)]


@pytest.fixture
def pages(settings: Settings) -> Iterator[httpx.AsyncClient]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    handler = PagesHandler(THREADS)
    transport = httpx.ASGITransport(cast("Any", handler))  # two stubs' words for ASGI
    yield httpx.AsyncClient(transport=transport, base_url="http://localhost")
    handler.threads.shutdown()


async def test_many_visitors_are_served_by_few_threads(pages: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(pages.get("/slow/") for _ in range(12)))

    assert {answer.status_code for answer in answers} == {200}
    assert 1 < len({answer.text for answer in answers}) <= THREADS


async def test_what_a_thread_holds_serves_many_pages(pages: httpx.AsyncClient) -> None:
    firsts = [(await pages.get("/first/")).text for _ in range(8)]

    assert 1 <= firsts.count("True") <= THREADS


async def test_a_page_leaves_its_language_to_no_other(pages: httpx.AsyncClient) -> None:
    said = [(await pages.get("/spanish/")).text for _ in range(6)]

    assert said == [said[0]] * 6
