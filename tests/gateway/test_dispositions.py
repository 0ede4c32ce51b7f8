"""However a file is called, its name cannot break out of the header or mislead."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import dispositions


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, None),
        ({"download": ""}, "attachment; filename=\"a.mp4\"; filename*=UTF-8''a.mp4"),
        ({"filename": "b.mp4"}, "inline; filename=\"b.mp4\"; filename*=UTF-8''b.mp4"),
        (
            {"download": "1", "filename": "Año nuevo.mp4"},
            "attachment; filename=\"A_o nuevo.mp4\"; filename*=UTF-8''A%C3%B1o%20nuevo.mp4",
        ),
    ],
)
def test_a_name_is_said_twice(query: dict[str, str], wanted: str | None) -> None:
    assert dispositions.of(query, "a.mp4") == wanted


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\autoexec.bat", "autoexec.bat"),
        ("te[s]t_ video %'\"\n.mp4", "te[s]t_ video %'\".mp4"),
        ("\u202egpj.exe", "gpj.exe"),
        ("...", "file"),
        ("", "file"),
        ("x" * 500 + ".mp4", "x" * 163 + ".mp4"),
    ],
)
def test_names_are_cleaned(name: str, clean: str) -> None:
    assert dispositions.cleaned(name) == clean


@given(st.text(max_size=300))
def test_no_name_breaks_the_header(name: str) -> None:
    header = dispositions.header("attachment", name)
    form = r'attachment; filename="[ !#-\[\]-~]+"; filename\*=UTF-8\'\'[\w!#$&+\-.^`|~%]+'
    assert re.fullmatch(form, header, re.ASCII)
    assert len(header) < 2500
