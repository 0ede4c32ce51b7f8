"""The node's command: run it, look at it, measure the machine, leave the network."""

import argparse
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from gateway.node import (
    benchmark,
    composing,
    flags,
    introducing,
    line,
    notes,
    reaching,
    serving,
    status,
)
from gateway.node.certificates import BadCertificate
from gateway.node.composing import LEAVING, Parts
from gateway.node.config import FILE, BadConfig, Config
from gateway.node.line import Line
from gateway.node.serving import CannotListen
from gateway.node.speaking import GatewayClient, GatewaySaysNo, GatewaySilent, Said
from node_bridge import NodeError
from node_bridge.network.identity import BadKeyFile

LOCK = "lock"
HANDOVER = 60.0  # seconds a new process waits for the old one to end


class Ended(Exception):
    """The gateway would not have the node; the message says what to do."""


class AlreadyRunning(OSError):
    """Another node runs in this folder."""


EXPECTED = (
    BadConfig,
    BadCertificate,
    BadKeyFile,
    CannotListen,
    Ended,
    GatewaySaysNo,
    GatewaySilent,
    NodeError,
    OSError,
)


def main(words: Sequence[str]) -> int:
    """What `script/node` and `manage.py node` do; the answer is the process's exit code."""
    said = flags.parser().parse_args(words)
    folder = Path(said.data).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return ACTIONS[said.action](folder, said)
    except EXPECTED as error:
        print(_sentence(error), file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130


def _sentence(error: Exception) -> str:
    """What the operator reads; the system's own errors name the file they are about."""
    if isinstance(error, OSError) and error.filename:
        return (
            f"{error.filename} cannot be used: {error.strerror}. Another folder is said by --data."
        )
    return str(error)


def run(folder: Path, said: argparse.Namespace) -> int:
    """Serve until a signal comes, or the gateway has let the node go."""
    logging.basicConfig(level=said.log.upper(), format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    if _serve(folder, said):
        logging.info("The node begins anew")
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - itself
    return 0


def _serve(folder: Path, said: argparse.Namespace) -> bool:
    """Whether to begin anew; raises Ended where the node ended itself."""
    with alone_in(folder):
        config = settled(folder, said)
        serving.check(config.listen)
        with known(folder) as parts:
            app = composing.compose(parts)
            logging.info("Node %s at %s", parts.identity.peer_id, ", ".join(config.public_urls))
            is_restart = serving.serve(app, config.listen, parts.certificate)
        if parts.farewell.why:
            raise Ended(parts.farewell.why)
        return is_restart


def leave(folder: Path, said: argparse.Namespace) -> int:
    """Have the running node hand over what it keeps; it ends when the gateway lets it go.

    A gateway that is away is asked again by the running node.
    """
    with known(folder) as parts:
        try:
            parts.gateway.post("/nodes/v1/exit", {})
        except GatewaySilent as silence:
            tell(f"{silence} The running node will ask again.")
        notes.write(parts.book, LEAVING, str(int(time.time())))
    tell(
        "This node takes nothing more. Keep it running: it ends by itself when all it keeps"
        " lies elsewhere."
    )
    return 0


def show(folder: Path, said: argparse.Namespace) -> int:
    """The status page."""
    with known(folder) as parts:
        tell(status.page(parts, is_running=is_running(folder)))
    return 0


def check(folder: Path, said: argparse.Namespace) -> int:
    """The reachability test."""
    if not is_running(folder):
        tell("This node does not run. Start it first, then check.")
        return 1
    with known(folder) as parts:
        for sentence in reaching.sentences(parts):
            tell(sentence)
    return 0


def measure(folder: Path, said: argparse.Namespace) -> int:
    """The benchmark; it asks the gateway for its prices, and does without them if need be."""
    config = Config.load(folder, flags.settings(said))
    client = GatewayClient(config.gateway, composing.identity_in(folder), config.gateway_id)
    try:
        answer, seen = _asked(client, with_line=said.line_test)
    finally:
        client.close()
    prices, in_use = benchmark.asked_prices(answer, config.prices)
    speeds = benchmark.measure(folder, slots=config.slots, line=seen)
    tell(benchmark.report(config, speeds, prices, in_use))
    return 0


def _asked(client: GatewayClient, *, with_line: bool) -> tuple[Said, Line | None]:
    """The gateway's prices, and the line to it where that is to be measured."""
    try:
        answer = client.get("/nodes/v1/gateway")
    except (GatewaySilent, GatewaySaysNo) as error:
        tell(f"The gateway's prices are not known ({error}), so your own are used.")
        return {}, Line(why="The gateway does not answer.") if with_line else None
    if not with_line:
        return answer, None
    tell(f"Measuring the line, for {2 * line.SECONDS:.0f} s at most…")
    return answer, line.measure(client)


@contextmanager
def known(folder: Path) -> Iterator[Parts]:
    """The node in this folder, running or not; raises BadConfig where there is none."""
    parts = composing.parts_of(Config.load(folder))
    try:
        yield parts
    finally:
        parts.close()


def is_running(folder: Path) -> bool:
    """Whether some process holds the folder's lock."""
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return not _locked(lock)
    finally:
        os.close(lock)


def tell(text: str) -> None:
    print(text)  # noqa: T201 - this is a command


def settled(folder: Path, said: argparse.Namespace) -> Config:
    """The settings of this start, kept for the next ones; waits for a gateway never met before.

    Raises BadConfig, NoGateway, GatewayUntrusted.
    """
    before = Config.load(folder) if (folder / FILE).exists() else None
    config = Config.load(folder, flags.settings(said))
    _ = config.public_urls  # whoever has to say more, should know it now
    if said.token:
        _keep_token(folder / composing.TOKEN, said.token)
    config = introducing.known_by(config, composing.identity_in(folder), before)
    config.save()
    return config


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """While no other node runs in the folder; one that is stopping is waited for.

    Raises AlreadyRunning.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + HANDOVER
    try:
        if not _locked(lock):
            logging.info("Another node runs in %s: waiting for it to end", folder)
        while not _locked(lock):
            if time.monotonic() > until:
                raise AlreadyRunning(
                    f"Another node runs in {folder}. End it first, or say another folder: --data"
                )
            time.sleep(0.2)
        yield
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _keep_token(path: Path, token: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(token)


ACTIONS = {"run": run, "status": show, "check": check, "benchmark": measure, "leave": leave}
