"""What the gateway's own node lacks comes from the network, and nobody waits behind it."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from threading import Event

import pytest

from gateway import Gateway, Uploads
from gateway.hot import THREADS, HotBlocks
from node_bridge import Cid, Corrupt, Keyring, MemoryEngine, NotFound, Stat
from tests.gateway.asking import MemorySite, ask
from tests.gateway.conftest import MOVIE


class Away(MemoryEngine):
    """A network that has what this engine has; `asked` collects under which roots it was looked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Cid] = []

    def under(self, root: Cid) -> MemoryEngine:
        self.asked.append(root)
        return self


class Slow(Away):
    """Another node, far away: it answers once it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.go = Event()

    def cat(self, path: str, offset: int = 0, length: int | None = None) -> Iterator[bytes]:
        self.go.wait(10)
        return super().cat(path, offset, length)


async def test_what_is_missing_here_is_read_far_away() -> None:
    near, far = MemoryEngine(), Away()
    root = far.add_dir({"film": far.add([MOVIE]).cid}).cid
    film = far.stat(f"{root}/film")
    hot = HotBlocks(near, most_bytes=1 << 20, far=far)
    assert await hot.stat(f"{root}/film") == film
    assert b"".join(await hot.block(film, 0)) == MOVIE[: 1 << 20]
    assert await hot.head(film, 10) == MOVIE[:10]
    assert await hot.exactly(film, 5, 9) == MOVIE[5:9]
    assert set(far.asked) == {root}
    hot.close()


async def test_what_nobody_has_is_not_found() -> None:
    hot = HotBlocks(MemoryEngine(), most_bytes=1 << 20, far=Away())
    with pytest.raises(NotFound):
        await hot.stat("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku")
    hot.close()


async def test_who_reads_what_is_here_does_not_wait_behind_what_is_far() -> None:
    near, far = MemoryEngine(), Slow()
    there = [far.stat(far.add([bytes([number]) * 1000]).cid) for number in range(THREADS + 1)]
    here = near.stat(near.add([MOVIE]).cid)
    hot = HotBlocks(near, most_bytes=1 << 20, far=far)
    waiting = [hot.soon(file, 0) for file in there]
    began = time.monotonic()
    assert b"".join(await hot.block(here, 0)) == MOVIE[: 1 << 20]
    assert time.monotonic() - began < 1
    assert not any(each.done() for each in waiting)
    far.go.set()
    assert [len(b"".join(pieces)) for pieces in await asyncio.gather(*waiting)] == [1000] * len(
        there
    )
    hot.close()


async def test_damage_here_is_healed_from_far_away_or_said() -> None:
    class Damaged(MemoryEngine):
        def stat(self, path: str) -> Stat:
            raise Corrupt("A block is damaged on this node.")

    far = Away()
    film = far.stat(far.add([MOVIE]).cid)
    hot = HotBlocks(Damaged(), most_bytes=1 << 20, far=far)
    assert await hot.stat(film.cid) == film
    hot.close()
    hot = HotBlocks(Damaged(), most_bytes=1 << 20, far=Away())
    with pytest.raises(Corrupt):
        await hot.stat(film.cid)
    hot.close()


async def test_the_gateway_answers_with_what_is_far(
    open_root: Cid, engine: MemoryEngine, site: MemorySite, keyring: Keyring, uploads: Uploads
) -> None:
    away = Away()
    away.import_car(BytesIO(b"".join(engine.export_car(open_root))))
    behind = replace(site.as_site(), far=away)
    gateway = Gateway(engine=MemoryEngine(), keyring=keyring, site=behind, uploads=uploads)
    answer = await ask(
        gateway, "GET", f"/ipfs/{open_root}/movie.mp4", headers={"Range": "bytes=5-9"}
    )
    assert (answer.status, answer.body) == (206, MOVIE[5:10])
    listing = await ask(gateway, "GET", f"/ipfs/{open_root}/")
    assert b"movie.mp4" in listing.body
