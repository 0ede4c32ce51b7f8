"""`script/kubo`: a Kubo of this machine's own, or three of them under ipfs-cluster."""

import argparse
import signal
import sys
from contextlib import ExitStack
from pathlib import Path

from script import go_tools, kubos
from script.shell import VAR, CommandFailed, say


def main(words: list[str]) -> int:
    options = _options(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends what was started, too
    try:
        if options.build:
            _build()
            return 0
        with ExitStack() as stack:
            for line in _start(stack, options.folder, cluster=options.cluster):
                say(line)
            say("\nRunning, on loopback alone, until you press Ctrl-C.")
            signal.pause()
    except CommandFailed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("\nEnded.")
    return 0


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/kubo", description=__doc__)
    parser.add_argument("--cluster", action="store_true", help="three peers that copy each other")
    parser.add_argument("--build", action="store_true", help="only build the programs")
    parser.add_argument("--folder", type=Path, default=VAR / "kubo", help="where content is kept")
    return parser.parse_args(words)


def _build() -> None:
    for program in (go_tools.KUBO, go_tools.CLUSTER):
        say(f"{go_tools.bring(program)}")


def _start(stack: ExitStack, folder: Path, *, cluster: bool) -> list[str]:
    """The settings with which the site uses what was started."""
    head = ["For the site's environment:", "NODE_ENGINE=kubo"]
    if not cluster:
        kubo = stack.enter_context(kubos.kubo(folder / "alone"))
        return [*head, f"KUBO_RPC={kubo.rpc}"]
    peers = stack.enter_context(kubos.cluster(folder / "cluster"))
    return [
        *head,
        f"KUBO_RPC={peers[0].kubo.rpc}",
        f"CLUSTER_API={peers[0].api}",
        "KUBO_FETCH_SECONDS=10",
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
