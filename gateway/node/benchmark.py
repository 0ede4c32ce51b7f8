"""Measures the machine, and says what it could earn: measured speeds, the prices asked for now.

What is said is what the offer is worth when all of it is sold, and, where the gateway tells how
much of what its nodes offer is in use, what that share of it would be. Nobody promises either.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.node.amounts import coin_text, rate_text, size_text
from gateway.node.config import Config
from gateway.node.line import Line
from gateway.node.space import SPARE, disk_free
from node_bridge.network.descriptions import Prices
from node_bridge.room import named_failures

GIB = 1 << 30
MONTH = 30 * 86_400  # seconds
SAMPLE = 64 << 20  # bytes written and hashed
BLOCK = 1 << 20
FILM = 4  # seconds encoded
RUNG = "720"


@dataclass(frozen=True, slots=True)
class Speeds:
    """Bytes a second; `encoding` is seconds of 720p made in a second, None without ffmpeg.

    line: None where it was not to be measured
    """

    disk: float
    hashing: float
    encoding: float | None
    disk_free: int
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Earnings:
    """Drops in 30 days, each when all that is offered is sold."""

    storage: int
    delivery: int
    compute: int

    @property
    def total(self) -> int:
        return self.storage + self.delivery + self.compute


def measure(folder: Path, *, slots: int, line: Line | None = None) -> Speeds:
    """Some seconds of work; raises OverQuota when there is no room for the sample."""
    return Speeds(
        disk=_disk(folder),
        hashing=_hashing(),
        encoding=_encoding() if slots else None,
        disk_free=disk_free(folder),
        line=line,
    )


def earnings(config: Config, speeds: Speeds, prices: Prices) -> Earnings:
    """What the offer is worth in 30 days at these prices, all of it sold.

    Delivery counts what the line was seen to send and the operator lets it, no faster than disk
    and hashing; where neither is known, nothing is counted.
    """
    room = max(min(config.quota, speeds.disk_free - SPARE), 0)
    seconds = MONTH * (len(config.hours) or 24) // 24
    rate = _sends(config, speeds)
    made = int((speeds.encoding or 0.0) * seconds) if config.slots else 0
    return Earnings(
        storage=prices.storage * room // GIB,
        delivery=prices.delivery * rate * seconds // GIB,
        compute=prices.compute.get(RUNG, 0) * made,
    )


def report(config: Config, speeds: Speeds, prices: Prices, in_use: float | None) -> str:
    """The sentences for the operator; `in_use` is the share of all offers that is sold now."""
    worth = earnings(config, speeds, prices)
    lines = [
        f"Disk      {size_text(int(speeds.disk))}/s, {size_text(speeds.disk_free)} free",
        f"Hashing   {size_text(int(speeds.hashing))}/s",
        *_line_texts(config, speeds.line),
        f"Encoding  {_encoding_text(config, speeds)}",
        "",
        f"At these prices, all of it sold: {coin_text(worth.total)} CLD in 30 days",
        f"  storage   {coin_text(worth.storage)}",
        f"  delivery  {coin_text(worth.delivery)}"
        + ("" if _sends(config, speeds) else "  (say --bandwidth to have it counted)"),
        f"  computing {coin_text(worth.compute)}",
    ]
    if in_use is not None:
        about = int(worth.total * in_use)
        lines.append(
            f"Of what this gateway's nodes offer, {in_use:.0%} is in use now: this machine could"
            f" earn about {coin_text(about)} CLD a month."
        )
    lines.append("Nobody promises that: a node is paid for what it was seen to do.")
    return "\n".join(lines)


def asked_prices(said: Mapping[str, Any], own: Prices) -> tuple[Prices, float | None]:
    """The gateway's prices and the share in use, where it tells them; else this node's own."""
    prices, in_use = said.get("prices"), said.get("in_use")
    share = float(in_use) if isinstance(in_use, int | float) and 0 <= in_use <= 1 else None
    if not isinstance(prices, dict):
        return own, share
    compute = prices.get("compute")
    rungs = compute if isinstance(compute, dict) else {}
    return (
        Prices(
            storage=_drops(prices.get("storage"), own.storage),
            delivery=_drops(prices.get("delivery"), own.delivery),
            compute={str(rung): _drops(price, 0) for rung, price in rungs.items()},
        ),
        share,
    )


def _sends(config: Config, speeds: Speeds) -> int:
    """Bytes a second this node could deliver: the least of all bounds; 0 for an unknown line."""
    seen = int(speeds.line.up) if speeds.line else 0
    bounds = [bound for bound in (seen, config.bandwidth) if bound]
    return min(*bounds, int(speeds.disk), int(speeds.hashing)) if bounds else 0


def _line_texts(config: Config, line: Line | None) -> list[str]:
    """What was seen of the line, and what the operator set."""
    if line is None:
        seen = "was not measured"
    elif line.why:
        seen = f"could not be measured: {line.why}"
    else:
        seen = f"{rate_text(int(line.up))} up, {rate_text(int(line.down))} down, to the gateway"
    bound = f"{rate_text(config.bandwidth)} are sent at most, as you set it"
    return [f"Line      {seen}", *([f"          {bound}"] if config.bandwidth else [])]


def _drops(value: object, otherwise: int) -> int:
    return value if type(value) is int and 0 <= value < 1 << 50 else otherwise


def _disk(folder: Path) -> float:
    """Written in blocks and synced as the store does, one after the other."""
    data, path = os.urandom(BLOCK), folder / ".benchmark"
    began = time.perf_counter()
    try:
        with named_failures(), path.open("wb") as file:
            for _ in range(SAMPLE // BLOCK):
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
    finally:
        path.unlink(missing_ok=True)
    return SAMPLE / (time.perf_counter() - began)


def _hashing() -> float:
    data = os.urandom(BLOCK)
    began = time.perf_counter()
    for _ in range(SAMPLE // BLOCK):
        sha256(data).digest()
    return SAMPLE / (time.perf_counter() - began)


def _encoding() -> float | None:
    """Seconds of 720p H.264 made in a second, by ffmpeg's own count; None when it cannot."""
    program = shutil.which("ffmpeg", path=os.environ.get("WETUBE_FFMPEG") or None)
    if program is None:
        return None
    source = f"testsrc2=size=1280x720:rate=25:duration={FILM}"
    words = [program, "-nostdin", "-hide_banner", "-f", "lavfi", "-i", source]
    words += ["-c:v", "libx264", "-preset", "veryfast", "-f", "null", "-"]
    began = time.perf_counter()
    try:
        done = subprocess.run(words, capture_output=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return FILM / (time.perf_counter() - began) if done.returncode == 0 else None


def _encoding_text(config: Config, speeds: Speeds) -> str:
    if not config.slots:
        return "no slots are offered"
    if speeds.encoding is None:
        return "ffmpeg cannot be used on this machine"
    return f"{speeds.encoding:.1f} s of 720p in a second"
