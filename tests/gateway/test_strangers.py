"""Requests made to hurt: refused before anything is asked or looked for."""

import pytest

from gateway import Gateway
from node_bridge import Cid
from tests.gateway.asking import MemorySite, ask


async def test_nothing_becomes_a_service_worker(gateway: Gateway, open_root: Cid) -> None:
    for path in (f"/ipfs/{open_root}/movie.mp4", f"/ipfs/{open_root}/", "/live/name/a.js"):
        reply = await ask(gateway, "GET", path, {"Service-Worker": "script"})
        assert (reply.status, reply.headers["x-refusal"]) == (400, "malformed")


@pytest.mark.parametrize("name", ["\0", "a\0", "\n"])
async def test_a_name_that_none_can_have_is_not_looked_for(
    gateway: Gateway, site: MemorySite, name: str
) -> None:
    """A database may break on it, and the answer would be a failure of ours."""
    site.door.open_names.add(name)
    reply = await ask(gateway, "GET", f"/live/{name}/master.m3u8")
    assert (reply.status, reply.headers["x-refusal"]) == (404, "nothing-here")
    assert not site.door.asked
