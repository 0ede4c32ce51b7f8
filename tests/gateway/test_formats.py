"""What a request wants is read from its query and its Accept, and nonsense is refused."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.asgi import Message, Request
from gateway.formats import NotOffered, archive, wanted
from gateway.refusals import Malformed
from node_bridge import Extent

CAR, RAW = "application/vnd.ipld.car", "application/vnd.ipld.raw"


async def receive() -> Message:
    raise AssertionError("nobody reads a body here")


async def send(_: Message) -> None:
    raise AssertionError("nobody answers here")


def request(query: str = "", **headers: str) -> Request:
    return Request("GET", "/ipfs/x", headers, query, receive, send)


@pytest.mark.parametrize(
    ("query", "accept", "form", "details"),
    [
        ("", "", "", {}),
        ("", "*/*", "", {}),
        ("", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", {}),
        ("", RAW, "raw", {}),
        ("", RAW.upper(), "raw", {}),
        ("format=raw", "text/html", "raw", {}),
        ("format=raw", CAR, "raw", {}),
        ("format=car", f"{CAR}; dups=y", "car", {"dups": "y"}),
        ("", f"{RAW};q=0.5, {CAR}; order=dfs;q=0.9", "car", {"order": "dfs", "q": "0.9"}),
        ("", f"{RAW}, {CAR}", "raw", {}),
        ("", f"{RAW};q=0", "", {}),
        ("", f"{RAW};q=nonsense", "", {}),
        ("", "application/json", "json", {}),
        ("format=", "", "", {}),
    ],
)
def test_a_form_is_chosen(query: str, accept: str, form: str, details: Mapping[str, str]) -> None:
    found = wanted(request(query, accept=accept))
    assert (found.format, found.details) == (form, details)


@pytest.mark.parametrize("name", ["tar", "ipns-record"])
def test_forms_that_are_not_made_are_named(name: str) -> None:
    with pytest.raises(NotOffered):
        wanted(request(f"format={name}"))


@pytest.mark.parametrize("name", ["zip", "RAW", "raw,car", "../x"])
def test_unknown_forms_are_refused(name: str) -> None:
    with pytest.raises(Malformed):
        wanted(request(f"format={name}"))


@pytest.mark.parametrize(
    ("query", "details", "extent"),
    [
        ("", {}, Extent()),
        ("dag-scope=all", {}, Extent()),
        ("dag-scope=block", {}, Extent("block")),
        ("dag-scope=entity", {}, Extent("entity")),
        ("entity-bytes=0:*", {}, Extent("entity", (0, None))),
        ("dag-scope=all&entity-bytes=5:9", {}, Extent("entity", (5, 9))),
        ("dag-scope=block&entity-bytes=5:9", {}, Extent("block")),
        ("entity-bytes=-9:-3", {}, Extent("entity", (-9, -3))),
        ("entity-bytes=5:-3", {}, Extent("entity", (5, -3))),
        ("entity-bytes=-5:3", {}, Extent("entity", (-5, 3))),
        ("car-dups=y", {}, Extent(repeats=True)),
        ("", {"dups": "y"}, Extent(repeats=True)),
        ("car-dups=n", {"dups": "y"}, Extent()),
        ("car-order=unk", {"version": "1"}, Extent()),
    ],
)
def test_an_archive_is_described(query: str, details: Mapping[str, str], extent: Extent) -> None:
    assert archive(request(query), details).extent == extent


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ("dag-scope=ALL", {}),
        ("dag-scope=", {}),
        ("entity-bytes=", {}),
        ("entity-bytes=5", {}),
        ("entity-bytes=5:3", {}),
        ("entity-bytes=-3:-5", {}),
        ("entity-bytes=*:5", {}),
        ("entity-bytes=1e3:*", {}),
        ("entity-bytes=%D9%A3:*", {}),
        ("entity-bytes=" + "9" * 16 + ":*", {}),
        ("car-version=2", {}),
        ("", {"version": "2"}),
        ("", {"order": "bfs"}),
        ("", {"dups": "Y"}),
    ],
)
def test_archives_that_cannot_be_are_refused(query: str, details: Mapping[str, str]) -> None:
    with pytest.raises(Malformed):
        archive(request(query), details)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_request_breaks_it(query: str, accept: str) -> None:
    try:
        found = wanted(request(query, accept=accept))
        archive(request(query), found.details)
    except (Malformed, NotOffered):
        return
