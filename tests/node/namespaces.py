"""Machines of their own: network namespaces on one bridge, each with a rate of its own.

Needs root and iproute2. Inside a namespace nothing is reached but its neighbours.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NETWORK = "10.77.0.0/16"
GATE = "10.77.0.1"  # this process's own address on the bridge


@dataclass(frozen=True, slots=True)
class Machine:
    """A namespace. `inside` are the words that run a program in it."""

    name: str
    host: str
    link: str

    @property
    def inside(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def slow(self, rate: int) -> None:
        """What goes out goes at `rate` kbit a second at most."""
        queue = ["tbf", "rate", f"{rate}kbit", "burst", "64kb", "limit", "200kb"]
        _run(*self.inside, "tc", "qdisc", "replace", "dev", "eth0", "root", *queue)

    def cut(self) -> None:
        """Pull the cable."""
        _run("ip", "link", "set", self.link, "down")

    def mend(self) -> None:
        _run("ip", "link", "set", self.link, "up")


@dataclass
class Lan:
    """A bridge, and the machines on it."""

    bridge: str
    machines: list[Machine]

    def machine(self) -> Machine:
        number = len(self.machines) + 2
        name, link = f"{self.bridge}n{number}", f"{self.bridge}v{number}"
        made = Machine(name, f"10.77.{number // 250}.{number % 250}", link)
        self.machines.append(made)
        _run("ip", "netns", "add", name)
        _run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
        _run("ip", "link", "set", link, "master", self.bridge, "up")
        _run(*made.inside, "ip", "address", "add", f"{made.host}/16", "dev", "eth0")
        _run(*made.inside, "ip", "link", "set", "eth0", "up")
        _run(*made.inside, "ip", "link", "set", "lo", "up")
        return made


def are_allowed() -> bool:
    """Whether this machine lets us make namespaces."""
    if os.geteuid() or not shutil.which("ip") or not shutil.which("tc"):
        return False
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return tried.returncode == 0 and Path("/proc/self/ns/net").exists()


@contextmanager
def lan() -> Iterator[Lan]:
    """A network of its own; everything of it is gone afterwards."""
    made = Lan(f"wt{os.getpid() % 100_000}", [])
    _run("ip", "link", "add", made.bridge, "type", "bridge")
    try:
        _run("ip", "address", "add", f"{GATE}/16", "dev", made.bridge)
        _run("ip", "link", "set", made.bridge, "up")
        yield made
    finally:
        for machine in made.machines:
            subprocess.run(["ip", "netns", "del", machine.name], check=False)
            subprocess.run(["ip", "link", "del", machine.link], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", made.bridge], check=False)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
