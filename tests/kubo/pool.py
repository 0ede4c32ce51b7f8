"""Kubo daemons for many tests: emptied and lent out again, since each start takes a second."""

from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from node_bridge import Limits, NodeEngine
from node_bridge import cid as cids
from node_bridge.kubo import KuboEngine
from node_bridge.kubo_rpc import Rpc, Rules
from script import go_tools, kubos
from script.shell import CommandFailed

OWN = "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"  # the empty folder of Kubo's own MFS


class Pool:
    """Starts a daemon when none is free."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._free: list[kubos.Kubo] = []
        self._lent: list[kubos.Kubo] = []

    def lend(
        self, *, quota: int | None = None, limits: Limits | None = None, grace: float = 0
    ) -> KuboEngine:
        """An engine over an empty Kubo, until `take_back`."""
        rpc = self._stack.enter_context(closing(Rpc(self.daemon().rpc)))
        return KuboEngine(rpc, Rules(quota=quota, grace=grace), limits=limits)

    def daemon(self) -> kubos.Kubo:
        need(go_tools.KUBO)
        if not self._free:
            home = self._folder / str(len(self._lent))
            self._free.append(self._stack.enter_context(kubos.kubo(home)))
        self._lent.append(self._free.pop())
        return self._lent[-1]

    @property
    def lent(self) -> kubos.Kubo:
        """The daemon that was lent last."""
        return self._lent[-1]

    def take_back(self) -> None:
        while self._lent:
            daemon = self._lent.pop()
            with closing(Rpc(daemon.rpc)) as rpc:
                empty(rpc)
            self._free.append(daemon)

    def close(self) -> None:
        self._stack.close()


def need(program: go_tools.Program) -> None:
    """Build it where it is not yet; without Go the test is skipped, which CI does not allow."""
    try:
        go_tools.bring(program)
    except CommandFailed as failure:
        pytest.skip(f"needs {program.name}: {failure}")


def empty(rpc: Rpc) -> None:
    """Let go of everything and sweep."""
    for kind in ("recursive", "direct"):
        for line in list(rpc.lines("pin/ls", type=kind, stream=True)):
            if line["Cid"] != OWN:
                rpc.call("pin/rm", line["Cid"])
    list(rpc.lines("repo/gc"))


def held_by(engine: NodeEngine) -> tuple[int, int]:
    """Bytes and blocks of content in a Kubo, its own empty folder left out."""
    assert isinstance(engine, KuboEngine)
    blocks = engine._kubo
    digests = {*blocks.digests()} - {cids.parse(OWN).digest}
    return sum(blocks.size_here(digest) or 0 for digest in digests), len(digests)
