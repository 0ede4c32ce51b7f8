"""A plain form uploads a file of any bytes, and sends the browser to where it is shown."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import Gateway
from gateway.form_files import FormFile
from tests.gateway.asking import MemorySite, Reply, ask
from tests.gateway.tus_speaker import files_in

Sign = Callable[..., str]

DATA = Random(3).randbytes(200_000) + b"\r\n--not the end\r\n--edge"
EDGE = "edge of the form"
TYPE = {"Content-Type": f'multipart/form-data; boundary="{EDGE}"'}


def form(data: bytes, name: str = "film.mp4", *, end: str = "--\r\n") -> bytes:
    head = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="title"\r\n\r\nMy film\r\n'
        f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/html\r\n\r\n"
    )
    return head.encode() + data + f"\r\n--{EDGE}{end}".encode()


def cut_up(body: bytes, size: int) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


async def send(
    gateway: Gateway, token: str, body: bytes, *, size: int = 65_536, cut: bool = False
) -> Reply:
    target = f"/g/{token}/uploads/form"
    return await ask(gateway, "POST", target, TYPE, cut_up(body, size), cut=cut)


@pytest.mark.parametrize("size", [3, 1000, 1 << 20])
async def test_the_file_arrives(gateway: Gateway, sign: Sign, site: MemorySite, size: int) -> None:
    token = sign("upload", "film1", limit=1 << 20)
    data = DATA[-3000:] if size == 3 else DATA
    reply = await send(gateway, token, form(data), size=size)
    assert reply.status == 303
    assert reply.headers["location"] == "https://site.example/watch/film1"
    assert site.receiver.took == {"film1": (data, "film.mp4")}


async def test_a_form_sent_twice_is_one_upload(
    gateway: Gateway, sign: Sign, site: MemorySite
) -> None:
    token = sign("upload", "film1", limit=1 << 20)
    await send(gateway, token, form(DATA))
    again = await send(gateway, token, form(b"something else"))
    assert (again.status, again.headers["location"]) == (303, "https://site.example/watch/film1")
    assert site.receiver.took["film1"][0] == DATA
    assert site.receiver.calls == 1


async def test_a_browser_that_leaves_leaves_nothing(
    gateway: Gateway, sign: Sign, site: MemorySite, tmp_path: Path
) -> None:
    token = sign("upload", "film1", limit=1 << 20)
    body = form(DATA)
    for end in (50, 100_000, len(body) - 3):
        reply = await send(gateway, token, body[:end], cut=True)
        assert reply.status == 0
        assert not files_in(tmp_path)
    assert not site.receiver.calls


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not a form", 400),
        (form(DATA, name=""), 400),
        (form(DATA)[:-3000], 400),
        (form(DATA).replace(b"; filename=", b"; x="), 400),
        (f"--{EDGE}\r\n".encode() + b"X: " + b"y" * 20_000, 400),
        (form(bytes(300_000)), 413),
    ],
)  # fmt: skip
async def test_bad_forms_leave_nothing(
    gateway: Gateway, sign: Sign, site: MemorySite, tmp_path: Path, body: bytes, status: int
) -> None:
    token = sign("upload", "film1", limit=len(DATA))
    reply = await send(gateway, token, body)
    assert reply.status == status
    assert not files_in(tmp_path)
    assert not site.receiver.calls


async def test_a_form_too_big_is_refused_by_its_length(
    gateway: Gateway, sign: Sign, tmp_path: Path
) -> None:
    token = sign("upload", "film1", limit=1000)
    headers = {**TYPE, "Content-Length": "1000000"}
    reply = await ask(gateway, "POST", f"/g/{token}/uploads/form", headers, [bytes(1000)])
    assert (reply.status, reply.headers["x-refusal"]) == (413, "too-big")
    assert not files_in(tmp_path)


async def test_other_methods_and_types_are_refused(gateway: Gateway, sign: Sign) -> None:
    target = f"/g/{sign('upload', 'film1', limit=9)}/uploads/form"
    assert (await ask(gateway, "GET", target)).status == 405
    assert (await ask(gateway, "OPTIONS", target)).status == 204
    assert (await ask(gateway, "POST", target, {"Content-Type": "text/plain"})).status == 400


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=400), size=st.integers(1, 50))
async def test_any_bytes_come_through_however_they_are_cut(data: bytes, size: int) -> None:
    pieces = [*cut_up(form(data), size)]

    async def receive() -> dict[str, object]:
        body = pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(pieces)}

    file = FormFile(TYPE["Content-Type"], receive)
    assert await file.filename() == "film.mp4"
    got, more = b"", True
    while more:
        message = await file.receive()
        got, more = got + message["body"], message["more_body"]
    assert got == data
