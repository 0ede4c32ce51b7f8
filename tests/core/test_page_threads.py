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
was_read = threading.Event()


def slow(request: HttpRequest) -> HttpResponse:
    """Says which thread made it; fails where one more is at work than there may be."""
    if not working.acquire(blocking=False):
        return HttpResponse("too many", status=500)
    time.sleep(0.02)
    working.release()
    return HttpResponse(str(threading.get_ident()))


def stuck(request: HttpRequest) -> HttpResponse:
    """Waits until somebody reads another page."""
    if request.method == "GET":
        was_read.set()
    return HttpResponse(status=200 if was_read.wait(10) else 500)


def first_of_its_thread(request: HttpRequest) -> HttpResponse:
    """What a database connection is to Django: kept with the thread, gone with it."""
    is_first = not hasattr(kept, "connection")
    kept.connection = True
    return HttpResponse(str(is_first))


def spanish(request: HttpRequest) -> HttpResponse:
    was = translation.get_language()
    translation.activate("es")
    return HttpResponse(was)


urlpatterns = [
    path("first/", first_of_its_thread),
    path("slow/", slow),
    path("spanish/", spanish),
    path("stuck/", stuck),
]


@pytest.fixture
def pages(settings: Settings) -> Iterator[httpx.AsyncClient]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    handler = PagesHandler(readers=THREADS, writers=1)
    transport = httpx.ASGITransport(cast("Any", handler))  # two stubs' words for ASGI
    yield httpx.AsyncClient(transport=transport, base_url="http://localhost")
    handler.readers.shutdown()
    handler.writers.shutdown()


async def test_many_visitors_are_served_by_few_threads(pages: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(pages.get("/slow/") for _ in range(12)))

    assert {answer.status_code for answer in answers} == {200}
    assert 1 < len({answer.text for answer in answers}) <= THREADS


async def test_pages_are_read_while_forms_wait(pages: httpx.AsyncClient) -> None:
    waiting = [asyncio.create_task(pages.post("/stuck/")) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert not any(form.done() for form in waiting)

    assert (await pages.get("/stuck/")).status_code == 200
    assert [form.status_code for form in await asyncio.gather(*waiting)] == [200] * 3


async def test_what_a_thread_holds_serves_many_pages(pages: httpx.AsyncClient) -> None:
    firsts = [(await pages.get("/first/")).text for _ in range(8)]

    assert 1 <= firsts.count("True") <= THREADS


async def test_a_page_leaves_its_language_to_no_other(pages: httpx.AsyncClient) -> None:
    said = [(await pages.get("/spanish/")).text for _ in range(6)]

    assert said == [said[0]] * 6
