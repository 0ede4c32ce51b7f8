"""The chain's process: the machine in the main thread, the door in another."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wetube.cloudchain import canonical, for_tests, genesis, lock
from wetube.cloudchain.chain import Chain
from wetube.cloudchain.engine import Engine
from wetube.cloudchain.evm import Evm
from wetube.cloudchain.http_door import HttpDoor
from wetube.cloudchain.methods import METHODS, Desk
from wetube.cloudchain.reader import Reader
from wetube.cloudchain.rpc import Rpc
from wetube.cloudchain.store import NAME, Store


class PortTaken(Exception):
    """Another program listens there; the message says what to do."""


@dataclass(frozen=True)
class Wishes:
    """How to serve. `folder` holds the chain and nothing else; port 0 is any free one."""

    folder: Path
    port: int
    chain_id: int | None = None
    for_tests: bool = False


def serve(wishes: Wishes, say: Callable[[str], None]) -> None:
    """Until SIGTERM or SIGINT; says where it runs once it does.

    Raises AlreadyHeld, OtherChain, ArtifactMissing and PortTaken.
    """
    wishes.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with lock.held(wishes.folder), _store(wishes.folder) as store:
        clock = for_tests.Clock() if wishes.for_tests else time.time
        chain_id = genesis.open_or_begin(
            store, folder=wishes.folder, asked_id=wishes.chain_id, now=int(clock())
        )
        chain = Chain(store, chain_id=chain_id, clock=clock)
        engine = Engine(chain)
        more = for_tests.methods(clock) if isinstance(clock, for_tests.Clock) else {}

        def new_desk() -> Desk:
            reader = Reader(wishes.folder)
            evm = Evm(reader.nodes, chain_id=chain_id, hash_of=reader.hash_of)
            return Desk(reader, evm, engine, chain_id, clock)

        door = _door(Rpc({**METHODS, **more}, new_desk), wishes.port, closed=engine.stop)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: door.close())
        door.open()
        with _told(wishes.folder, f"http://127.0.0.1:{door.port}") as url:
            say(f"Cloudchain {chain_id} runs at {url}")
            engine.run()


def back_up(folder: Path, copy: Path) -> None:
    """A whole copy as of one moment, also while the chain runs. Raises FileExistsError."""
    if copy.exists():
        raise FileExistsError(f"{copy} is there already; name a new file.")
    if not (folder / NAME).exists():
        raise FileNotFoundError(f"There is no chain in {folder}.")
    with _store(folder) as store:
        store.copy_to(copy)


@contextmanager
def _told(folder: Path, url: str) -> Iterator[str]:
    """Leaves the address in the folder, for the site's commands that are started by hand."""
    note = folder / canonical.URL_FILE
    note.write_text(url, encoding="ascii")
    try:
        yield url
    finally:
        note.unlink(missing_ok=True)


@contextmanager
def _store(folder: Path) -> Iterator[Store]:
    store = Store(folder)
    try:
        yield store
    finally:
        store.close()


def _door(rpc: Rpc, port: int, *, closed: Callable[[], None]) -> HttpDoor:
    try:
        return HttpDoor(rpc.answer, port=port, closed=closed)
    except OSError as refusal:
        words = os.strerror(refusal.errno or 0)
        raise PortTaken(
            f"Port {port} on 127.0.0.1 cannot be taken ({words}). Stop the other "
            "program, or choose another with --port; 0 takes any that is free."
        ) from refusal
