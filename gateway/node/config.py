"""What an operator decides: node.toml in the node's folder, made by the first start's flags.

Every key is written as people write amounts, so the file can be read and edited by hand.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from gateway.node import amounts
from gateway.node.amounts import BadAmount
from node_bridge.network import addresses
from node_bridge.network.descriptions import MAX_SLOTS, Prices
from node_bridge.network.failures import BadAddress
from node_bridge.network.identity import BadPeerId, public_key

FILE = "node.toml"
ADDRESS = re.compile(r"(0x[0-9a-fA-F]{40})?", re.ASCII)
EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - what a node listens on, not where it is reached
FREE = Prices(0, 0, {})
OPEN_RANGES = "WETUBE_NODE_OPEN_RANGES"  # private networks that may be called: tests open loopback


class BadConfig(ValueError):
    """A setting of the node that cannot be; the message names it."""


@dataclass(frozen=True, slots=True)
class Listen:
    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Config:
    """Sizes are bytes, bandwidth bytes a second (0: no bound), hours UTC (none: always).

    bandwidth, bandwidth_in: of all that is sent, and of all that is received
    urls: where others reach this node; empty for what it listens on
    certificate, key: PEM files; without them the node makes its own
    free_reads: public content goes to anybody for nothing, as IPFS nodes do
    gateway_id: the gateway's PeerId, "" to believe whoever answers at its address first
    """

    folder: Path
    gateway: str
    gateway_id: str = ""
    listen: Listen = Listen("0.0.0.0", 4443)  # noqa: S104 - a node is there for others
    urls: tuple[str, ...] = ()
    quota: int = 100 * 10**9
    bandwidth: int = 0
    bandwidth_in: int = 0
    hours: tuple[int, ...] = ()
    prices: Prices = FREE
    free_reads: bool = False
    slots: int = 0
    payout: str = ""
    certificate: Path | None = None
    key: Path | None = None

    @classmethod
    def load(cls, folder: Path, flags: Mapping[str, Any] | None = None) -> Self:
        """The file's settings, then the flags'; raises BadConfig.

        Flags are keyed as the file is, `prices` a table of its own.
        """
        said = _file(folder / FILE)
        given = {name: value for name, value in (flags or {}).items() if value is not None}
        prices = {**said.get("prices", {}), **given.pop("prices", {})}
        return cls.of(folder, {**said, **given, "prices": prices})

    @classmethod
    def of(cls, folder: Path, said: Mapping[str, Any]) -> Self:
        """From settings as the file writes them; raises BadConfig."""
        unknown = said.keys() - READERS.keys()
        if unknown:
            raise BadConfig(f"{FILE} has no setting {min(unknown)!r}.")
        if not said.get("gateway"):
            raise BadConfig(
                "Which gateway is this node for? Say --gateway https://…, and the first time"
                " --token, from the gateway's page /node/set-up/"
            )
        values = {name: _read(name, value) for name, value in said.items()}
        config = cls(folder=folder, **values)
        if (config.certificate is None) != (config.key is None):
            raise BadConfig("A certificate and its key belong together: give both or neither.")
        return config

    def save(self) -> None:
        """Write the file anew, whole or not at all."""
        part = self.folder / f".{FILE}.part"
        part.write_text(self.written())
        with part.open() as file:
            os.fsync(file.fileno())
        part.replace(self.folder / FILE)

    def written(self) -> str:
        """The file's text, which reads back as this."""
        lines = [
            ("gateway", self.gateway),
            ("gateway_id", self.gateway_id),
            ("listen", str(self.listen)),
            ("urls", list(self.urls)),
            ("quota", amounts.exact_size(self.quota)),
            ("bandwidth", amounts.exact_rate(self.bandwidth)),
            ("bandwidth_in", amounts.exact_rate(self.bandwidth_in)),
            ("hours", amounts.hours_text(self.hours)),
            ("free_reads", self.free_reads),
            ("slots", self.slots),
            ("payout", self.payout),
            ("certificate", str(self.certificate or "")),
            ("key", str(self.key or "")),
        ]
        prices = [
            ("storage", amounts.coin_text(self.prices.storage)),
            ("delivery", amounts.coin_text(self.prices.delivery)),
        ]
        compute = [(rung, amounts.coin_text(price)) for rung, price in self.prices.compute.items()]
        tables = ("", lines), ("[prices]", prices), ("[prices.compute]", compute)
        parts = ("\n".join([title, *map(_line, rows)]) for title, rows in tables)
        return "# Settings of a WeTube node. Prices are CLD.\n" + "\n".join(parts) + "\n"

    def with_gateway_id(self, peer_id: str) -> Self:
        return replace(self, gateway_id=peer_id)

    @property
    def public_urls(self) -> tuple[str, ...]:
        """Where others reach this node; raises BadConfig where that cannot be known."""
        if self.urls:
            return self.urls
        host, port = self.listen.host, self.listen.port
        if host in EVERYWHERE:
            raise BadConfig(
                "Where do others reach this node? Say the name or the address this machine has"
                f" from outside: --url https://your.name:{port}"
            )
        return (addresses.parse(f"https://{f'[{host}]' if ':' in host else host}:{port}").url,)

    @property
    def guard(self) -> addresses.Guard:
        """Which machines this node may call; raises BadAddress for a bad range."""
        ranges = os.environ.get(OPEN_RANGES, "").split()
        return addresses.Guard(addresses.opened(ranges))


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path} cannot be read: {error}") from error


def _read(name: str, value: object) -> Any:
    try:
        return READERS[name](value)
    except (BadAmount, BadAddress, BadPeerId, TypeError, ValueError) as error:
        raise BadConfig(f"The setting {name} will not do: {error}") from error


def _line(row: tuple[str, object]) -> str:
    name, value = row
    if isinstance(value, bool):
        return f"{name} = {str(value).lower()}"
    if isinstance(value, int):
        return f"{name} = {value}"
    if isinstance(value, list):
        return f"{name} = [{', '.join(map(_quoted, value))}]"
    return f"{_quoted(name) if '.' in name else name} = {_quoted(str(value))}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("A text in quotes is due.")
    return value


def _gateway(value: object) -> str:
    """An origin; plain http only towards this very machine, where a developer tries things."""
    url = _text(value).rstrip("/")
    parts = urlsplit(url)
    is_local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
        raise ValueError("A gateway's address begins with https://")
    if not parts.hostname or parts.path or parts.query or parts.fragment or parts.username:
        raise ValueError("A gateway's address has a host and a port and nothing else.")
    return url


def _peer_id(value: object) -> str:
    text = _text(value)
    if text:
        public_key(text)
    return text


def _listen(value: object) -> Listen:
    host, _, port = _text(value).rpartition(":")
    if not host or not port.isdigit() or not int(port) < 65_536:
        raise ValueError("Write it like 0.0.0.0:4443.")
    return Listen(host.strip("[]"), int(port))


def _urls(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("A list of addresses is due.")
    return tuple(addresses.parse(_text(url)).url for url in value)


def _slots(value: object) -> int:
    if type(value) is not int or not 0 <= value <= MAX_SLOTS:
        raise ValueError(f"A number from 0 to {MAX_SLOTS} is due.")
    return value


def _payout(value: object) -> str:
    if not ADDRESS.fullmatch(_text(value)):
        raise ValueError("An address on chain is 0x and 40 hex digits.")
    return _text(value)


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false is due.")
    return value


def _path(value: object) -> Path | None:
    return Path(_text(value)).resolve() if value else None


def _prices(value: object) -> Prices:
    if not isinstance(value, Mapping) or value.keys() - {"storage", "delivery", "compute"}:
        raise ValueError("Prices are storage, delivery and a table compute.")
    compute = value.get("compute", {})
    if not isinstance(compute, Mapping):
        raise TypeError("The prices of computing are a table of rungs.")
    return Prices(
        storage=amounts.coin(_text(value.get("storage", "0"))),
        delivery=amounts.coin(_text(value.get("delivery", "0"))),
        compute={str(rung): amounts.coin(_text(price)) for rung, price in compute.items()},
    )


READERS: Mapping[str, Callable[[Any], Any]] = {
    "gateway": _gateway,
    "gateway_id": _peer_id,
    "listen": _listen,
    "urls": _urls,
    "quota": lambda value: amounts.size(_text(value)),
    "bandwidth": lambda value: amounts.rate(_text(value)),
    "bandwidth_in": lambda value: amounts.rate(_text(value)),
    "hours": lambda value: amounts.hours(_text(value)),
    "free_reads": _bool,
    "slots": _slots,
    "payout": _payout,
    "certificate": _path,
    "key": _path,
    "prices": _prices,
}
