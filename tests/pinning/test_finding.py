"""Filters and pages of the API's list."""

from typing import Any

import pytest

from tests.pinning.conftest import Program
from tests.pinning.make import held, nowhere
from wetube.pinning.gathering import gather
from wetube.pinning.models import PinRequest


def found(program: Program, **query: Any) -> list[str]:
    """Names of the pins listed."""
    answer = program.get("", **query)
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert said["count"] >= len(said["results"])
    return [result["pin"].get("name", "") for result in said["results"]]


@pytest.fixture
def three(program: Program) -> Program:
    """One kept, two waiting."""
    program.pin(held(), name="Kept.PDF", meta={"app": "one", "7": "x"})
    gather(PinRequest.objects.get().pk)
    program.pin(nowhere("a"), name="Straße a", meta={"app": "two"})
    program.pin(nowhere("b"), name="100%_b", meta={"app": "two", "app__gt": ""})
    return program


def test_without_filters_only_what_is_kept_is_listed(three: Program) -> None:
    assert found(three) == ["Kept.PDF"]


def test_the_newest_come_first(three: Program) -> None:
    assert found(three, status="queued,pinning,pinned,failed") == ["100%_b", "Straße a", "Kept.PDF"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"status": "queued"}, ["100%_b", "Straße a"]),
        ({"status": ["queued", "pinned"]}, ["100%_b", "Straße a", "Kept.PDF"]),
        ({"status": "failed"}, []),
        ({"name": "Kept.PDF"}, ["Kept.PDF"]),
        ({"name": "kept.pdf"}, []),
        ({"name": "kept.pdf", "match": "iexact"}, ["Kept.PDF"]),
        ({"name": "STRASSE A", "match": "iexact"}, ["Straße a"]),
        ({"name": "PDF", "match": "partial"}, ["Kept.PDF"]),
        ({"name": "pdf", "match": "partial"}, []),
        ({"name": "pdf", "match": "ipartial"}, ["Kept.PDF"]),
        ({"name": "%", "match": "partial"}, ["100%_b"]),
        ({"name": "_", "match": "ipartial"}, ["100%_b"]),
        ({"name": "Kept.PDF", "status": "queued"}, []),
        ({"cid": nowhere("a")}, ["Straße a"]),
        ({"cid": [nowhere("a"), nowhere("b")]}, ["100%_b", "Straße a"]),
        ({"cid": f"{nowhere('a')},{nowhere('b')}"}, ["100%_b", "Straße a"]),
        ({"cid": nowhere("c")}, []),
        ({"meta": '{"app": "two"}'}, ["100%_b", "Straße a"]),
        ({"meta": '{"app": "two", "app__gt": ""}'}, ["100%_b"]),
        ({"meta": '{"7": "x"}'}, ["Kept.PDF"]),
        ({"meta": '{"app": "tw"}'}, []),
        ({"meta": "{}"}, ["Kept.PDF"]),
        ({"status": "queued", "limit": 1}, ["100%_b"]),
    ],
)
def test_filters_show_what_they_name(
    three: Program, query: dict[str, Any], names: list[str]
) -> None:
    assert found(three, **query) == names


def test_one_writing_of_a_cid_finds_another(program: Program) -> None:
    program.pin("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N", name="v0")
    canonical = PinRequest.objects.get().cid
    assert found(program, cid=canonical) == ["v0"]


def test_pages_are_turned_by_the_moment_of_asking(program: Program) -> None:
    for number in range(25):
        program.pin(nowhere(str(number)), name=str(number))
    seen: list[str] = []
    query: dict[str, Any] = {"status": "queued"}
    while True:
        said = program.get("", **query).json()
        seen += [result["pin"]["name"] for result in said["results"]]
        if said["count"] == len(said["results"]):
            break
        query["before"] = said["results"][-1]["created"]
    assert seen == [str(number) for number in reversed(range(25))]


def test_after_is_the_other_end(program: Program) -> None:
    moment = program.pin(nowhere("old"), name="old")["created"]
    program.pin(nowhere("new"), name="new")
    assert found(program, after=moment, status="queued") == ["new"]
    assert found(program, before=moment.replace("Z", "+00:00"), status="queued") == []


@pytest.mark.parametrize(
    "query",
    [
        {"status": "lost"},
        {"cid": "nonsense"},
        {"cid": [nowhere(str(number)) for number in range(11)]},
        {"match": "fuzzy", "name": "x"},
        {"name": "x" * 256},
        {"name": "a\0b"},
        {"before": "yesterday"},
        {"before": "2026-13-41T00:00:00Z"},
        {"after": "0001-01-01T00:00:00+23:59"},
        {"after": "2026-11-23"},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"limit": "١"},
        {"meta": "not json"},
        {"meta": "[]"},
        {"meta": '{"a": 1}'},
    ],
)
def test_a_question_that_cannot_be_read_is_refused(three: Program, query: dict[str, Any]) -> None:
    answer = three.get("", **query)
    assert answer.status_code == 400, answer.content
    assert answer.json()["error"]["reason"] == "BAD_REQUEST"
