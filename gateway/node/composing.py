"""Puts a node together out of its folder: keys, certificate, book, store, and what it runs."""

import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from gateway.node import certificates, debt_book, holdings, notes, order_book
from gateway.node.app import NodeApp
from gateway.node.beating import Heartbeat
from gateway.node.book import Book
from gateway.node.certificates import Certificate
from gateway.node.config import Config
from gateway.node.control import ControlRoutes
from gateway.node.debts import Debts
from gateway.node.door import Door
from gateway.node.handing_in import HandingIn
from gateway.node.housekeeping import Fetching, Housekeeping
from gateway.node.jobs import Jobs
from gateway.node.leasing import Leasing
from gateway.node.orders import Orders
from gateway.node.pulling import Puller
from gateway.node.pushing import Pushes
from gateway.node.reading import Reads
from gateway.node.refuse_list import RefuseList
from gateway.node.renewing import Renewing
from gateway.node.seams import Chore
from gateway.node.speaking import GatewayClient
from gateway.node.spent import Spent
from gateway.node.store import Store
from gateway.node.throttle import Throttles
from node_bridge.network.identity import Identity

VERSION = "0.4"
LEAVING = "leaving"  # noted while the operator wants the node to go
KEY, TOKEN, STORE = "node.key", "operator.token", "store"
BOOK, SPENT = "book.sqlite3", "spent.sqlite3"


@dataclass
class Farewell:
    """Why the node ends by itself, "" where it was told to."""

    why: str = ""

    def end(self, why: str) -> None:
        self.why = why
        stop_this_process()


@dataclass(frozen=True)
class Parts:
    """What every part of a node shares."""

    config: Config
    identity: Identity
    certificate: Certificate
    book: Book
    spent: Spent
    leasing: Leasing
    gateway: GatewayClient
    counts: Counter[str]
    farewell: Farewell = field(default_factory=Farewell)

    def close(self) -> None:
        self.gateway.close()
        self.book.close()
        self.spent.close()


def identity_in(folder: Path) -> Identity:
    """The node's own, made at the first start; raises BadKeyFile."""
    path = folder / KEY
    try:
        return Identity.load(path)
    except FileNotFoundError:
        Identity.create().save(path)
    return Identity.load(path)


def token_in(folder: Path) -> str:
    """The operator's token, "" where none was given."""
    try:
        return (folder / TOKEN).read_text().strip()
    except FileNotFoundError:
        return ""


def certificate_for(config: Config, name: str) -> Certificate:
    """The operator's, or the node's own; raises BadCertificate."""
    if config.certificate is not None and config.key is not None:
        return certificates.given(config.certificate, config.key)
    return certificates.own(config.folder, name)


def parts_of(config: Config, *, fsync: bool = True) -> Parts:
    """Everything but the chores; raises BadKeyFile, BadCertificate, EngineDown.

    Without `fsync` a power cut may cost what was acknowledged: for tests that cut no power.
    """
    identity = identity_in(config.folder)
    schemas = [holdings.SCHEMA, notes.SCHEMA, order_book.SCHEMA, debt_book.SCHEMA]
    book = Book(config.folder / BOOK, schemas, fsync=fsync)
    store = Store(config.folder / STORE, quota=config.quota, fsync=fsync)
    leasing = Leasing(
        config=config,
        own=identity.peer_id,
        book=book,
        store=store,
        refused=RefuseList(config.folder),
        wake=Event(),
        is_leaving=lambda: bool(notes.read(book, LEAVING)),
    )
    return Parts(
        config=config,
        identity=identity,
        certificate=certificate_for(config, identity.peer_id),
        book=book,
        spent=Spent(config.folder / SPENT),
        leasing=leasing,
        gateway=GatewayClient(config.gateway, identity, config.gateway_id),
        counts=Counter(),
    )


def stop_this_process() -> None:
    """In good order, as the operator's own Ctrl-C would."""
    os.kill(os.getpid(), signal.SIGTERM)


def begin_anew() -> None:
    """The same, and start again from what is on the disk then."""
    os.kill(os.getpid(), signal.SIGUSR1)


def heartbeat_of(parts: Parts) -> Heartbeat:
    return Heartbeat(
        leasing=parts.leasing,
        gateway=parts.gateway,
        identity=parts.identity,
        certificate=parts.certificate.digest,
        version=VERSION,
        token=token_in(parts.config.folder),
        released=stop_this_process,
        ended=parts.farewell.end,
    )


def compose(parts: Parts) -> NodeApp:
    """The node, ready to be served."""
    config, leasing = parts.config, parts.leasing
    leasing.tidy()
    throttles = Throttles.of(sends=config.bandwidth, receives=config.bandwidth_in)
    own, price = parts.identity.peer_id, config.prices.delivery
    debts = Debts(parts.book, own=own, price=price, post=parts.gateway.post)
    till = Orders(parts.book, own=own, gateway=config.gateway_id, price=price, debts=debts)
    door = Door(own, config.gateway_id, parts.spent)
    chores: list[Chore] = [
        Fetching(Puller(leasing, parts.identity, throttles.receives)),
        Housekeeping(leasing, parts.counts),
        heartbeat_of(parts),
        HandingIn(parts.book, till, parts.gateway.post),
        Jobs(leasing, parts.gateway, throttles=throttles),
        Renewing(lambda: certificate_for(config, own), parts.certificate, begin_anew),
    ]
    return NodeApp(
        leasing=leasing,
        reads=Reads(leasing, door, till, throttles.sends, parts.counts),
        control=ControlRoutes(leasing, door, till, Pushes(leasing, throttles.receives)),
        version=VERSION,
        chores=chores,
    )
