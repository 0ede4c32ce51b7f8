"""Ten people who each run a node, for the drill of the network: real processes, on loopback.

Each has an address of its own (127.n.0.1), since no two parts of a content lie in one network.
"""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from script.drills.relays import Relay
from script.drills.rig import Rig
from script.shell import PYTHON, ROOT

JOIN_WITHIN = 240.0
TOKENS = """
import json
from wetube.cloudcoin import ledger
from wetube.nodes import registering
from wetube.people import joining, phrases
tokens = []
for number in range({count}):
    user, _ = joining.join(name=f"operator-{{number}}", words=phrases.new())
    ledger.account_of(user)
    tokens.append(registering.new_token(user))
print(json.dumps(tokens))
"""
ACTIVE = "SELECT count(*) FROM nodes_node WHERE state = 'active'"
KEYS = "SELECT key, urls FROM nodes_node"


@dataclass
class Operated:
    """One node: its process, and the relay under whose address everybody knows it."""

    folder: Path
    relay: Relay
    process: "subprocess.Popen[bytes]"
    key: str = ""

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()


@contextmanager
def operators(rig: Rig, folder: Path, count: int) -> Iterator[dict[str, Operated]]:
    """So many nodes, active at the gateway, by the key that it gave them."""
    tokens = json.loads(rig.shell(TOKENS.format(count=count)))
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(_operated(rig, folder / f"node{number}", number, token))
            for number, token in enumerate(tokens, start=1)
        ]
        rig.until(lambda: rig.rows(ACTIVE)[0][0] == count, JOIN_WITHIN, "every node is active")
        known = {json.loads(urls)[0]: key for key, urls in rig.rows(KEYS)}
        for node in nodes:
            node.key = known[node.relay.url]
        yield {node.key: node for node in nodes}


@contextmanager
def _operated(rig: Rig, folder: Path, number: int, token: str) -> Iterator[Operated]:
    host = f"127.{number}.0.1"
    port = _free_port(host)
    folder.mkdir(parents=True)
    with closing(Relay(host, port, folder)) as relay:
        words = [str(PYTHON), "-m", "gateway.node", "--data", str(folder), "--log", "warning"]
        words += ["--gateway", f"http://127.0.0.1:{rig.ports[0]}", "--token", token]
        words += ["--listen", f"{host}:{port}", "--url", relay.url, "--quota", "1 GB"]
        words += ["--storage-price", "1000", "--delivery-price", "0.01"]
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                words,
                cwd=ROOT,
                env={**os.environ, "WETUBE_NODE_OPEN_RANGES": "127.0.0.0/8"},
                stdout=log,
                stderr=log,
            )
        node = Operated(folder, relay, process)
        try:
            yield node
        finally:
            node.kill()


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
