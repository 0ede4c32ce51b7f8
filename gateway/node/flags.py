"""The words after `script/node`, and which settings they are."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.node.config import BadConfig

FOLDER = Path("var/node")
DESCRIPTION = """\
Runs a node: it keeps and serves bytes for a gateway, and earns for it.

The first time, say which gateway, whose node it is, and where others reach it:

  script/node --gateway https://gateway.example --token wto_… --url https://your.name:4443

The token is on the gateway's page /node/set-up/. What is said once is kept in node.toml in the
node's folder, which can be edited; from then on `script/node` is enough."""
ACTIONS = """\
run        serve, until Ctrl-C (what it does when nothing is said)
status     how it stands, what it keeps, what it sent
check      whether it is reached from here and from the gateway
benchmark  how fast this machine and its line are, and what they could earn
leave      have all it keeps copied elsewhere, then end"""


def parser() -> argparse.ArgumentParser:
    said = argparse.ArgumentParser(
        prog="script/node",
        description=DESCRIPTION,
        formatter_class=argparse.RawTextHelpFormatter,
        usage="script/node [run|status|check|benchmark|leave] [settings]",
    )
    actions = ACTIONS.splitlines()
    said.add_argument(
        "action",
        nargs="?",
        default="run",
        choices=[line.split()[0] for line in actions],
        metavar="what to do",
        help=ACTIONS,
    )
    _who(said.add_argument_group("who and where"))
    _offer(said.add_argument_group("what it sells"))
    _earn(said.add_argument_group("for how much"))
    return said


def _who(group: Any) -> None:
    group.add_argument("--data", default=str(FOLDER), metavar="FOLDER", help="its own: var/node")
    group.add_argument("--gateway", metavar="URL", help="whom it works for: https://…")
    group.add_argument(
        "--gateway-id", metavar="PEERID", help="its name, if you would rather not take its word"
    )
    group.add_argument("--token", help="the operator's, from the gateway's page /node/set-up/")
    group.add_argument("--listen", metavar="HOST:PORT", help="on this machine: 0.0.0.0:4443")
    group.add_argument(
        "--url",
        action="append",
        help="where others reach that from outside: https://your.name:4443;\n"
        "several times for several ways",
    )
    group.add_argument("--certificate", metavar="FILE", help="PEM; without it it makes its own")
    group.add_argument("--key", metavar="FILE", help="PEM, the certificate's")
    group.add_argument("--log", default="info", choices=["debug", "info", "warning"])


def _offer(group: Any) -> None:
    group.add_argument("--quota", metavar="SIZE", help="room: 200 GB")
    group.add_argument("--bandwidth", metavar="RATE", help="it sends at most: 50 Mbit/s, unlimited")
    group.add_argument("--bandwidth-in", metavar="RATE", help="it receives at most")
    group.add_argument("--hours", metavar="FROM-TO", help="UTC hours it works: 22-6, always")
    group.add_argument(
        "--slots", type=int, metavar="N", help="transcoding jobs at a time; needs ffmpeg"
    )
    group.add_argument(
        "--no-line-test",
        dest="line_test",
        action="store_false",
        help="benchmark: leave the line alone",
    )


def _earn(group: Any) -> None:
    group.add_argument("--storage-price", metavar="CLD", help="for a GiB and 30 days")
    group.add_argument("--delivery-price", metavar="CLD", help="for a GiB sent")
    group.add_argument(
        "--compute-price",
        action="append",
        metavar="RUNG=CLD",
        help="for an output second: 720=0.01",
    )
    group.add_argument(
        "--free-reads", action="store_true", default=None, help="give public content away"
    )
    group.add_argument("--payout", metavar="0x…", help="an address on chain for the earnings")


def settings(said: argparse.Namespace) -> dict[str, Any]:
    """The flags as node.toml would say them; None for what was not said. Raises BadConfig."""
    prices: dict[str, Any] = {
        "storage": said.storage_price,
        "delivery": said.delivery_price,
        "compute": dict(map(_rung, said.compute_price or ())) or None,
    }
    names: Sequence[str] = ("gateway", "gateway_id", "listen", "quota", "hours", "free_reads")
    more = ("bandwidth", "bandwidth_in", "slots", "payout", "certificate", "key")
    return {
        **{name: getattr(said, name) for name in (*names, *more)},
        "urls": said.url,
        "prices": {name: price for name, price in prices.items() if price is not None},
    }


def _rung(text: str) -> tuple[str, str]:
    rung, equals, price = text.partition("=")
    if not equals:
        raise BadConfig("A price of computing names its rung: --compute-price 720=0.01")
    return rung, price
