"""Kubo daemons, alone or with ipfs-cluster beside them, on free ports of loopback.

They know nobody but each other: no bootstrap, no routing, no discovery, no
telemetry. Each ends by its process when its context ends, or the process that
holds it, however that ends (`tied`).
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from script import go_tools, tied
from script.shell import CommandFailed, must

START_WITHIN = 60.0  # seconds; builds of others may share the machine
STOP_WITHIN = 10.0

Tree = dict[str, Any]


@dataclass(frozen=True)
class Kubo:
    """A running Kubo. `rpc` and `gateway` have no slash at their end."""

    home: Path
    rpc: str
    gateway: str
    token: str
    process: subprocess.Popen[bytes]


@dataclass(frozen=True)
class Peer:
    """A Kubo and the cluster peer that looks after it; `id` is the cluster peer's own."""

    kubo: Kubo
    api: str
    id: str
    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """Both at once, as when a machine dies."""
        for process in (self.process, self.kubo.process):
            process.kill()
            process.wait()


@contextmanager
def kubo(home: Path, *, token: str = "", settings: Tree | None = None) -> Iterator[Kubo]:
    """A Kubo with its repository in `home`, made if it is not there yet.

    With a `token` its RPC wants to be shown it; `settings` go over the config
    as they are nested there.
    """
    program, env = repository(home, token=token, settings=settings)
    for name in ("api", "gateway"):
        (home / name).unlink(missing_ok=True)
    process = _start([str(program), "daemon", "--migrate=false"], env, home / "log")
    try:
        _wait(process, home / "log", lambda: (home / "gateway").exists() and _said_ready(home))
        address = (home / "api").read_text().strip().split("/")  # /ip4/127.0.0.1/tcp/port
        rpc, gateway = f"http://{address[2]}:{address[4]}", (home / "gateway").read_text().strip()
        yield Kubo(home, rpc, gateway.rstrip("/"), token, process)
    finally:
        stop(process)


def repository(
    home: Path, *, token: str = "", settings: Tree | None = None
) -> tuple[Path, dict[str, str]]:
    """See that there is one; Kubo's program, and the environment in which it works there."""
    program = go_tools.bring(go_tools.KUBO)
    env = {**os.environ, "IPFS_PATH": str(home), "IPFS_TELEMETRY": "off"}
    if not (home / "config").exists():
        home.mkdir(parents=True, exist_ok=True)
        must([program, "init", "-e", "-p", "unixfs-v1-2025"], env=env)
    _configure(home / "config", _quiet(token), settings or {})
    return program, env


@contextmanager
def cluster(home: Path, *, peers: int = 3) -> Iterator[list[Peer]]:
    """So many Kubos that know each other, a cluster peer beside each of them."""
    homes = [home / str(number) for number in range(peers)]
    known = _introduced(homes)
    env = {**os.environ, "CLUSTER_SECRET": secrets.token_hex(32)}
    swarm = _swarm([each / "cluster" for each in homes], env)
    with ExitStack() as stack:
        kubos = [stack.enter_context(kubo(each / "kubo", settings=known[each])) for each in homes]
        _connect(kubos)
        made = [
            stack.enter_context(_peer(each / "cluster", beside, swarm, env))
            for each, beside in zip(homes, kubos, strict=True)
        ]
        for peer in made:
            log = peer.kubo.home.parent / "cluster" / "log"
            _wait(peer.process, log, partial(_knows_room, peer, of=made))
        yield made


@contextmanager
def _peer(
    home: Path, beside: Kubo, swarm: Mapping[Path, str], env: Mapping[str, str]
) -> Iterator[Peer]:
    """`swarm`: each cluster peer's address; all of them know all the others from the start."""
    rest = free_port()
    others = {"cluster": {"peer_addresses": [swarm[each] for each in swarm if each != home]}}
    _configure(home / "service.json", _clustered(beside, swarm[home], rest), others)
    words = [str(go_tools.bring(go_tools.CLUSTER)), "daemon"]
    process = _start(words, {**env, "IPFS_CLUSTER_PATH": str(home)}, home / "log")
    try:
        api = f"http://127.0.0.1:{rest}"
        _wait(process, home / "log", lambda: _answers(f"{api}/id"))
        yield Peer(beside, api, swarm[home].rpartition("/")[2], process)
    finally:
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask it to end, and make it end when it does not."""
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _quiet(token: str) -> Tree:
    """A Kubo that speaks to nobody it was not told of. "auto" would ask its makers' servers."""
    secret = {"wetube": {"AuthSecret": f"bearer:{token}", "AllowedPaths": ["/api/v0"]}}
    return {
        "API": {"Authorizations": secret if token else None},
        "Addresses": {
            "API": "/ip4/127.0.0.1/tcp/0",
            "Gateway": "/ip4/127.0.0.1/tcp/0",
            "Swarm": ["/ip4/127.0.0.1/tcp/0"],
        },
        "AutoConf": {"Enabled": False},
        "AutoNAT": {"ServiceMode": "disabled"},
        "AutoTLS": {"Enabled": False},
        "Bootstrap": [],
        "DNS": {"Resolvers": {}},
        "Discovery": {"MDNS": {"Enabled": False}},
        "Gateway": {"NoFetch": True},
        "HTTPRetrieval": {"Enabled": False},
        "Ipns": {"DelegatedPublishers": []},
        "Routing": {"Type": "none", "DelegatedRouters": []},
        "Swarm": {
            "DisableNatPortMap": True,
            "RelayClient": {"Enabled": False},
            "Transports": {"Network": {"QUIC": False, "WebRTCDirect": False}},
        },
    }


def _clustered(beside: Kubo, swarm: str, rest: int) -> Tree:
    """Two to three copies of everything, made anew when a peer is gone, found out within seconds.

    ipfs-cluster's own answers are "everywhere" and "no repair".
    """
    _, _, host, port = beside.rpc.replace(":", "/").rsplit("/", 3)
    node = f"/ip4/{host}/tcp/{port}"
    return {
        "cluster": {
            "listen_multiaddress": [swarm.partition("/p2p/")[0]],
            "enable_relay_hop": False,
            "replication_factor_min": 2,
            "replication_factor_max": 3,
            "disable_repinning": False,
            "monitor_ping_interval": "2s",
            "peer_watch_interval": "1s",
            "mdns_interval": "0s",
        },
        "consensus": {"crdt": {"rebroadcast_interval": "2s", "trusted_peers": ["*"]}},
        "api": {
            "restapi": {"http_listen_multiaddress": f"/ip4/127.0.0.1/tcp/{rest}"},
            "ipfsproxy": None,
            "pinsvcapi": None,
        },
        "ipfs_connector": {"ipfshttp": {"node_multiaddress": node}},
        "monitor": {"pubsubmon": {"check_interval": "1s"}},
        "informer": {"disk": {"metric_ttl": "5s"}, "tags": {"metric_ttl": "5s"}},
        "allocator": {"balanced": {"allocate_by": ["freespace"]}},
    }


def _introduced(homes: list[Path]) -> dict[Path, Tree]:
    """Settings with which these Kubos find each other again when a connection is lost."""
    entries = {}
    for home in homes:
        repository(home / "kubo")
        peer_id = json.loads((home / "kubo" / "config").read_text())["Identity"]["PeerID"]
        entries[home] = {"ID": peer_id, "Addrs": [f"/ip4/127.0.0.1/tcp/{free_port()}"]}
    return {
        home: {
            "Addresses": {"Swarm": own["Addrs"]},
            "Peering": {"Peers": [each for each in entries.values() if each is not own]},
        }
        for home, own in entries.items()
    }


def _knows_room(peer: Peer, *, of: list[Peer]) -> bool:
    """Has it heard from each of them how much room there is? Nothing is given to others before."""
    with urlopen(f"{peer.api}/monitor/metrics/freespace", timeout=5) as answer:  # noqa: S310 - our own server
        heard = answer.read().decode()
    return all(other.id in heard for other in of)


def _connect(kubos: list[Kubo]) -> None:
    """Now: Kubo's own peering waits some seconds before it begins."""
    for number, one in enumerate(kubos):
        said = json.loads(_post(f"{one.rpc}/api/v0/id"))
        for other in kubos[number + 1 :]:
            _post(f"{other.rpc}/api/v0/swarm/connect?arg={said['Addresses'][0]}")


def _swarm(homes: list[Path], env: Mapping[str, str]) -> dict[Path, str]:
    """The address of each cluster peer, which is made if it is not there yet."""
    program = go_tools.bring(go_tools.CLUSTER)
    addresses = {}
    for home in homes:
        if not (home / "service.json").exists():
            home.mkdir(parents=True, exist_ok=True)
            own = {**env, "IPFS_CLUSTER_PATH": str(home)}
            must([program, "init", "--consensus", "crdt"], env=own)
        peer_id = json.loads((home / "identity.json").read_text())["id"]
        addresses[home] = f"/ip4/127.0.0.1/tcp/{free_port()}/p2p/{peer_id}"
    return addresses


def _configure(path: Path, *layers: Mapping[str, Any]) -> None:
    config = json.loads(path.read_text())
    for layer in layers:
        _lay(config, layer)
    path.write_text(json.dumps(config))


def _lay(under: Tree, over: Mapping[str, Any]) -> None:
    """Put values into a tree where they are nested; None takes a branch away."""
    for name, value in over.items():
        if value is None:
            under.pop(name, None)
        elif isinstance(value, Mapping) and value and isinstance(under.get(name), dict):
            _lay(under[name], value)
        else:
            under[name] = value


def _start(words: list[str], env: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    tied_words = [sys.executable, "-I", tied.__file__, str(os.getpid()), *words]
    with log.open("wb") as out:
        return subprocess.Popen(  # noqa: S603 - our own words
            tied_words, env=env, stdout=out, stderr=out, start_new_session=True
        )


def _wait(process: "subprocess.Popen[bytes]", log: Path, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_WITHIN
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(log.read_text().splitlines()[-20:])
            raise CommandFailed(f"{process.args!r} did not start:\n{last}")
        time.sleep(0.05)


def _said_ready(home: Path) -> bool:
    return "Daemon is ready" in (home / "log").read_text()


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - our own server
            return True
    except (URLError, OSError):
        return False


def _post(url: str) -> bytes:
    with urlopen(Request(url, method="POST"), timeout=20) as answer:  # noqa: S310 - our own server
        return bytes(answer.read())
