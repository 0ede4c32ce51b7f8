"""What is not open needs a grant for exactly this; nothing else about it is told."""

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import Gateway
from gateway.door import OPEN_SECONDS
from node_bridge import Cid, Grant, Keyring, MemoryEngine
from tests.gateway.asking import MemorySite, ask
from tests.gateway.conftest import MOVIE

Sign = Callable[..., str]


async def test_without_a_grant_closed_and_missing_look_the_same(
    gateway: Gateway, root: Cid, engine: MemoryEngine
) -> None:
    missing = engine.add([b"never stored"], only_hash=True).cid
    closed_reply = await ask(gateway, "GET", f"/ipfs/{root}/movie.mp4")
    missing_reply = await ask(gateway, "GET", f"/ipfs/{missing}/movie.mp4")
    assert closed_reply == missing_reply
    assert closed_reply.status == 404


async def test_a_grant_opens_its_root(gateway: Gateway, root: Cid, sign: Sign) -> None:
    token = sign("read", root, seconds=60)
    reply = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}/movie.mp4")
    assert (reply.status, reply.body) == (200, MOVIE)
    scope, age, _ = reply.headers["cache-control"].split(", ")
    assert scope == "private"
    assert 50 <= int(age.removeprefix("max-age=")) <= 60
    playlist = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}/master.m3u8")
    assert playlist.status == 200


async def test_a_bad_grant_is_named(
    gateway: Gateway, root: Cid, sign: Sign, engine: MemoryEngine, site: MemorySite
) -> None:
    other = engine.add([b"another"]).cid
    good = sign("read", root)
    elsewhere = Keyring([b"not the secret of this gateway"])
    cases = {
        sign("read", root, seconds=-1): "link-expired",
        good[:-2] + ("AA" if good[-2:] != "AA" else "BB"): "link-forged",
        elsewhere.sign(Grant("read", root, int(time.time()) + 60)): "link-forged",
        "nonsense": "link-forged",
        sign("read", other): "link-for-elsewhere",
        sign("upload", root): "link-for-elsewhere",
        sign("read", "preview:abc"): "link-for-elsewhere",
    }
    for token, name in cases.items():
        reply = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}/movie.mp4")
        assert (reply.status, reply.headers["x-refusal"]) == (403, name)
        assert len(reply.body) < 100
    assert not site.meter.total


async def test_an_expired_link_says_what_to_do(gateway: Gateway, root: Cid, sign: Sign) -> None:
    token = sign("read", root, seconds=-1)
    reply = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}/movie.mp4")
    assert reply.text.startswith("This link has expired")


async def test_a_child_of_an_open_root_is_not_a_root(
    gateway: Gateway, open_root: Cid, engine: MemoryEngine
) -> None:
    child = engine.stat(f"{open_root}/movie.mp4").cid
    assert (await ask(gateway, "GET", f"/ipfs/{child}")).status == 404


async def test_a_read_grant_takes_no_uploads(gateway: Gateway, root: Cid, sign: Sign) -> None:
    token = sign("read", root, limit=1000)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "3"}
    for target in (f"/g/{token}/uploads", f"/g/{token}/uploads/form"):
        reply = await ask(gateway, "POST", target, headers)
        assert (reply.status, reply.headers["x-refusal"]) == (403, "link-for-elsewhere")


async def test_a_closed_door_closes_within_its_moment(
    gateway: Gateway, open_root: Cid, site: MemorySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = f"/ipfs/{open_root}/movie.mp4"
    for _ in range(5):
        assert (await ask(gateway, "GET", target)).status == 200
    assert site.door.asked[open_root] == 1
    site.door.open_roots.clear()
    later = time.monotonic() + OPEN_SECONDS
    monkeypatch.setattr("gateway.briefly.time.monotonic", lambda: later)
    assert (await ask(gateway, "GET", target)).status == 404


async def test_a_door_that_fails_opens_nothing(
    gateway: Gateway, root: Cid, site: MemorySite, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(cid: str) -> bool:
        raise ConnectionError("the site's database")

    monkeypatch.setattr(gateway._content._door._is_open, "_question", fails)
    reply = await ask(gateway, "GET", f"/ipfs/{root}/movie.mp4")
    assert reply.status == 500
    assert "database" not in reply.text
    monkeypatch.undo()
    site.door.open_roots.add(root)
    assert (await ask(gateway, "GET", f"/ipfs/{root}/movie.mp4")).status == 200


async def test_a_name_leads_to_its_root_of_now(
    gateway: Gateway,
    root: Cid,
    sign: Sign,
    site: MemorySite,
    engine: MemoryEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "preview:abc"
    site.door.names[name] = root
    assert (await ask(gateway, "GET", f"/live/{name}/master.m3u8")).status == 404
    token = sign("read", name)
    reply = await ask(gateway, "GET", f"/g/{token}/live/{name}/master.m3u8")
    assert (reply.status, reply.body) == (200, b"#EXTM3U\n")
    assert reply.headers["cache-control"] == "no-store"
    movie = await ask(gateway, "GET", f"/g/{token}/live/{name}/movie.mp4")
    assert movie.headers["cache-control"] == "private, max-age=2"

    site.door.open_names.add(name)
    grown = engine.add_dir({"master.m3u8": engine.add([b"#EXTM3U\n#more\n"]).cid}).cid
    site.door.names[name] = grown
    later = time.monotonic() + OPEN_SECONDS
    monkeypatch.setattr("gateway.briefly.time.monotonic", lambda: later)
    reply = await ask(gateway, "GET", f"/live/{name}/master.m3u8")
    assert (reply.status, reply.body) == (200, b"#EXTM3U\n#more\n")
    for other in (sign("read", root), sign("read", "preview:xyz"), sign("upload", name)):
        reply = await ask(gateway, "GET", f"/g/{other}/live/{name}/master.m3u8")
        assert (reply.status, reply.headers["x-refusal"]) == (403, "link-for-elsewhere")
    reply = await ask(gateway, "GET", f"/g/{token}/ipfs/{root}/master.m3u8")
    assert reply.status == 403


async def test_bytes_are_counted_under_the_grant(
    gateway: Gateway, open_root: Cid, sign: Sign, site: MemorySite
) -> None:
    token = sign("read", open_root, key="viewing1")
    target = f"/g/{token}/ipfs/{open_root}/movie.mp4"
    await ask(gateway, "GET", target)
    await ask(gateway, "GET", target, {"Range": "bytes=5-14"})
    await ask(gateway, "HEAD", target)
    await ask(gateway, "GET", f"/ipfs/{open_root}/movie.mp4")
    assert site.meter.calls == 0

    site.meter.failing = ConnectionError("the site is away")
    await gateway._counting.hand_over()
    site.meter.failing = None
    await gateway._counting.hand_over()
    await gateway._counting.hand_over()
    assert site.meter.total == {"viewing1": len(MOVIE) + 10}
    assert site.meter.calls == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
async def test_no_changed_token_opens_anything(
    gateway: Gateway, root: Cid, sign: Sign, data: st.DataObject
) -> None:
    token = sign("read", root)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda c: c != token[place]))
    changed = token[:place] + letter + token[place + 1 :]
    reply = await ask(gateway, "GET", f"/g/{changed}/ipfs/{root}/movie.mp4")
    assert reply.status == 403


@pytest.mark.parametrize("named", ["root", "path", "leaf"])
@pytest.mark.parametrize("form", ["", "?format=raw", "?format=car"])
async def test_what_is_declined_is_served_to_nobody(
    gateway: Gateway, root: Cid, site: MemorySite, sign: Sign, *, named: str, form: str
) -> None:
    leaf = gateway._engine.stat(f"{root}/movie.mp4").cid
    site.door.open_roots.add(root)
    site.door.declined.add({"root": root, "path": f"{root}/movie.mp4", "leaf": leaf}[named])
    for before in ("", f"/g/{sign('read', root)}"):
        for method in ("GET", "HEAD"):
            reply = await ask(gateway, method, f"{before}/ipfs/{root}/movie.mp4{form}")
            assert (reply.status, reply.headers["x-refusal"]) == (451, "declined")
        beside = await ask(gateway, "GET", f"{before}/ipfs/{root}/master.m3u8{form}")
        assert beside.status == (451 if named == "root" else 200)


async def test_a_declined_index_page_is_not_shown(
    gateway: Gateway, site: MemorySite, engine: MemoryEngine
) -> None:
    page = engine.add([b"<p>hello"]).cid
    root = engine.add_dir({"index.html": page}).cid
    site.door.open_roots.add(root)
    site.door.declined.add(page)
    assert (await ask(gateway, "GET", f"/ipfs/{root}/")).status == 451
