"""One real node fetches a lease from another real node, and signs for what it owes."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gateway.node import debt_book
from gateway.node.book import Book
from node_bridge.network import orders
from node_bridge.network.identity import Identity
from tests.node import graphs
from tests.node.nodes import start_node

pytestmark = pytest.mark.network

GATEWAY = Identity.create()


class Netting(ThreadingHTTPServer):
    """A gateway that counts every debt, and knows nothing else."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.debts: list[orders.Debt] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Asked(BaseHTTPRequestHandler):
    server: Netting

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = 404, b"{}"
        if self.path == "/nodes/v1/debts":
            debt = orders.read_debt(said["debt"], now=time.time())
            self.server.debts.append(debt)
            status, answer = 200, json.dumps({"total": debt.total, "settled": 0}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@contextmanager
def netting() -> Iterator[Netting]:
    with Netting() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("price", ["0", "0.02"])
def test_a_lease_is_fetched_from_another_node_for_a_debt(tmp_path: Path, price: str) -> None:
    film, asks = graphs.film(20 << 20), int(float(price) * 10**8)
    prices = {"delivery": price}
    with (
        netting() as gateway,
        start_node(
            tmp_path / "a", gateway=GATEWAY, gateway_url=gateway.url, prices=prices
        ) as seller,
        start_node(
            tmp_path / "b", gateway=GATEWAY, gateway_url=gateway.url, prices=prices
        ) as buyer,
    ):
        assert seller.give(film.cid, film.size, film.archive).status == 200
        source = {
            "url": seller.url,
            "peer_id": seller.peer_id,
            "certificate": seller.certificate,
            "authorization": f"Debt {asks}",
        }
        lease = buyer.lease(film.cid, film.size, serial="f" * 16)
        said = {"lease": lease, "sources": [source]}
        assert buyer.order("POST", "/wt/v1/leases", said).status == 202
        buyer.wait_for("f" * 16, "held")

        due = orders.cost(film.size, asks)
        totals = [debt.total for debt in gateway.debts]
        assert {debt.creditor for debt in gateway.debts} <= {seller.peer_id}
        assert {debt.debtor for debt in gateway.debts} <= {buyer.peer_id}
        assert totals == sorted(totals)
        assert max(totals, default=0) >= due
        assert max(totals, default=0) <= orders.cost(film.size + (32 << 20), asks)
        owed = debt_book.creditor(Book(buyer.folder / "book.sqlite3"), seller.peer_id)
        assert owed.signed >= due


def test_a_node_pays_no_more_than_it_asks_itself(tmp_path: Path) -> None:
    film = graphs.film(1 << 20)
    with (
        start_node(tmp_path / "a", gateway=GATEWAY, prices={"delivery": "0.02"}) as seller,
        start_node(tmp_path / "b", gateway=GATEWAY, prices={"delivery": "0.01"}) as buyer,
    ):
        assert seller.give(film.cid, film.size, film.archive).status == 200
        source = {
            "url": seller.url,
            "peer_id": seller.peer_id,
            "certificate": seller.certificate,
            "authorization": f"Debt {2 * 10**6}",
        }
        lease = buyer.lease(film.cid, film.size, serial="f" * 16)
        buyer.order("POST", "/wt/v1/leases", {"lease": lease, "sources": [source]})
        time.sleep(2)
        said = buyer.order("GET", f"/wt/v1/leases/{'f' * 16}").said
        assert (said["state"], said["have"]) == ("fetching", 0)
        book = Book(buyer.folder / "book.sqlite3")
        assert debt_book.creditor(book, seller.peer_id) == debt_book.Creditor()
