"""What a node does with a job: fetch, work, return; and stop when nobody wants it any more."""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gateway.node import job_orders, job_process
from gateway.node.jobs import FOLDER, PIN, Jobs
from gateway.node.speaking import GatewayClient, GatewaySaysNo, Said
from node_bridge import MemoryEngine
from node_bridge.network.identity import Identity
from tests.node.calling import Caller
from tests.node.conftest import Make

PATIENCE = 20.0  # seconds
SKILL = "transcode-1 ffmpeg-5.1"
SOURCE = b"a film" * 1000
CID = MemoryEngine().add([SOURCE]).cid

PROGRAM = """
import json, pathlib, sys, time
if "--skill" in sys.argv:
    print(json.dumps({"skill": "transcode-1 ffmpeg-5.1"})); sys.exit()
order, source, folder = map(pathlib.Path, sys.argv[3:])
pathlib.Path(__file__).with_name("pid").write_text(str(__import__("os").getpid()))
def done(data=None):
    made = folder / "piece-0000"
    made.mkdir(parents=True)
    (made / "v240.mp4").write_bytes(data or source.read_bytes() + order.read_bytes())
    print(json.dumps({"done": {"folder": "piece-0000", "seconds": 8.0}}), flush=True)
"""
HONEST = 'print(json.dumps({"fraction": 0.5}), flush=True); time.sleep(0.3); done()'
FROZEN = "time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


class Scripted(GatewayClient):
    """A gateway that gives one job and answers as it is told."""

    def __init__(self, job: Mapping[str, Any] | None, answers: Mapping[str, Any]) -> None:
        super().__init__("http://127.0.0.1:9", Identity.create(), "")
        self._job = job
        self._answers = answers
        self.heard: list[tuple[str, Said]] = []

    def post(self, path: str, said: Mapping[str, Any]) -> Said:
        verb = path.rpartition("/")[2]
        self.heard.append((verb, dict(said)))
        if verb == "take":
            job, self._job = self._job, None
            return {"job": job, "again_in": 1}
        answer = self._answers.get(verb, {"state": "accepted"})
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    def said(self, verb: str) -> list[Said]:
        return [said for name, said in self.heard if name == verb]


@pytest.fixture
def source() -> Iterator[str]:
    """Where the source may be fetched."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SOURCE)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/g/token/ipfs/{CID}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def worker(make_node: Make, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setenv("WETUBE_NODE_OPEN_RANGES", "127.0.0.0/8")
    monkeypatch.setattr(job_process, "PATIENCE", 0.2)
    monkeypatch.setattr(job_orders, "LEASES", (1, 600))
    return make_node(slots=1, prices={"compute": {"240": "0.00000010"}})


def job(url: str, **changes: Any) -> dict[str, Any]:
    return {
        "key": "somejob",
        "kind": "transcode",
        "needs": SKILL,
        "spec": {"rungs": [{"name": "240"}]},
        "source": {"cid": CID, "size": len(SOURCE), "url": url},
        "rungs": ["240"],
        "seconds": 8.0,
        "most_bytes": 100_000,
        "price": 10,
        "lease": 1,
        "patience": 100,
        **changes,
    }


def work(
    node: Caller,
    gateway: Scripted,
    body: str,
    until: Callable[[], object],
    *,
    skilled: bool = True,
) -> Path:
    """Let the node work with this program until something is so; the program's folder."""
    folder = node.parts.config.folder / "program"
    folder.mkdir()
    (folder / "program.py").write_text((PROGRAM if skilled else "import sys\n") + body)
    program = (sys.executable, str(folder / "program.py"))
    chore = Jobs(node.parts.leasing, gateway, program=program)

    async def run() -> None:
        running = asyncio.ensure_future(chore.run())
        end = time.monotonic() + PATIENCE
        while not until():
            assert time.monotonic() < end, gateway.heard
            assert not running.done(), running
            await asyncio.sleep(0.02)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(run())
    gateway.close()
    return folder


def is_clean(node: Caller) -> bool:
    """Neither files of a job nor a pin are left."""
    left = [path.name for path in (node.parts.config.folder / FOLDER).iterdir()]
    pins = [pin.name for pin in node.parts.leasing.store.pins() if pin.name.startswith(PIN)]
    return left in ([], ["sources"]) and not pins


def is_gone(folder: Path) -> bool:
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except ProcessLookupError:
        return True
    return False


def test_a_job_is_done_and_returned_by_its_cid(worker: Caller, source: str) -> None:
    gateway = Scripted(job(source), {"return": {"state": "returned"}})
    store = worker.parts.leasing.store
    kept: list[bool] = []

    def judged() -> bool:
        """The result stays while it is judged."""
        renewals = gateway.said("renew")
        if gateway.said("return") and renewals and not kept:
            kept.append(store.has(gateway.said("return")[0]["cid"], recursive=True))
        return bool(kept) and len(gateway.said("take")) > 1

    work(worker, gateway, HONEST, judged)

    (returned,) = gateway.said("return")
    expected = SOURCE + json.dumps({"rungs": [{"name": "240"}]}).encode()
    assert returned["job"] == "somejob"
    assert returned["size"] == len(expected)
    assert kept == [True]
    assert b"".join(store.cat(f"{returned['cid']}/v240.mp4")) == expected
    assert gateway.said("take")[0]["able"] == [SKILL]
    assert is_clean(worker)


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("print('nonsense'); sys.exit(3)", {}),
        ("sys.exit(0)", {}),
        ("print(json.dumps({'failed': 'too hard', 'of': 'source'}))", {}),
        ("print('x' * 10**6)", {}),
        ("done(b'heavy' * 30_000)", {}),
        ("print(json.dumps({'done': {'folder': '../..'}}))", {}),
        (HONEST, {"source": {"cid": CID, "size": len(SOURCE) - 1}}),
        (HONEST, {"source": {"cid": CID, "size": len(SOURCE) + 1}}),
        (HONEST, {"source": {"cid": MemoryEngine().add([b"other"]).cid, "size": len(SOURCE)}}),
        (HONEST, {"price": 9}),
        (HONEST, {"kind": "shell"}),
    ],
)
def test_what_comes_to_nothing_is_given_up_at_once(
    worker: Caller, source: str, body: str, changes: dict[str, Any]
) -> None:
    said = job(source, **changes)
    said["source"].setdefault("url", source)
    gateway = Scripted(said, {})
    work(worker, gateway, body, lambda: gateway.said("give-up"))

    (given_up,) = gateway.said("give-up")
    assert given_up["job"] == "somejob"
    assert given_up["why"]
    assert not gateway.said("return")
    assert is_clean(worker)


@pytest.mark.parametrize("body", [FROZEN, DEAF])
def test_work_nobody_wants_any_more_ends_with_its_program(
    worker: Caller, source: str, body: str
) -> None:
    no = GatewaySaysNo(410, "JobIsOver", "It took too long.")
    gateway = Scripted(job(source), {"renew": no})
    folder = work(worker, gateway, body, lambda: len(gateway.said("take")) > 1)

    assert is_gone(folder)
    assert not gateway.said("return")
    assert not gateway.said("give-up")
    assert is_clean(worker)


def test_a_node_that_stops_gives_its_job_up(worker: Caller, source: str) -> None:
    gateway = Scripted(job(source), {})
    pid = worker.parts.config.folder / "program" / "pid"
    folder = work(worker, gateway, FROZEN, pid.exists)

    assert is_gone(folder)
    assert gateway.said("give-up")[0]["why"] == "This node is stopping."
    assert is_clean(worker)


def test_a_node_without_slots_asks_for_nothing(make_node: Make) -> None:
    gateway = Scripted(None, {})
    began = time.monotonic()
    work(make_node(), gateway, HONEST, lambda: time.monotonic() > began + 0.3)
    assert gateway.heard == []


def test_a_machine_that_cannot_encode_asks_for_nothing(worker: Caller) -> None:
    gateway = Scripted(None, {})
    began = time.monotonic()
    until = began + 0.5
    work(worker, gateway, "sys.exit(1)", lambda: time.monotonic() > until, skilled=False)
    assert gateway.heard == []
