"""kill -9 of the gateway: what was answered is on disk, and a voucher sent again pays once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import httpx
import pytest

from tests import make
from tests.wire.desk import PRICE, Desk, packed
from tests.wire.serving import Served
from wetube.cloudcoin import invariants
from wetube.cloudcoin.models import Charge
from wetube.people.models import User

pytestmark = pytest.mark.chain
PAYERS, KILLS, BEFORE = 4, 3, 30


@pytest.fixture
def gateway(shared_books: None, _coin_on_a_chain: None, tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    served.start()
    yield served
    served.stop()


@dataclass
class Crowd:
    """Payers who view one after the other; `counts` says how often each was answered."""

    url: str
    desks: list[Desk]
    receipts: dict[tuple[int, int], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.counts = [0] * len(self.desks)

    def next(self, number: int) -> bool:
        """Send this payer's next voucher; whether it was answered. One voucher, one receipt."""
        most = (self.counts[number] + 1) * PRICE
        header = packed(self.desks[number].payment(most))
        try:
            answer = httpx.get(self.url, headers={"PAYMENT-SIGNATURE": header}, timeout=20)
        except httpx.HTTPError:
            return False
        assert answer.status_code == 200, answer.text
        key = answer.json()["receipt"]["key"]
        assert self.receipts.setdefault((number, most), key) == key
        return True

    def view(self, number: int) -> None:
        """Until nobody answers."""
        while self.next(number):
            self.counts[number] += 1

    def rush(self, views: int, kill: Callable[[], None]) -> None:
        """All at once until there were so many views; then the gateway is gone."""
        goal = sum(self.counts) + views
        threads = [Thread(target=self.view, args=(n,)) for n in range(len(self.desks))]
        for thread in threads:
            thread.start()
        while sum(self.counts) < goal and threads[0].is_alive():
            threads[0].join(0.01)
        kill()
        for thread in threads:
            thread.join()


def test_what_was_answered_stays_and_what_is_asked_again_is_one(
    gateway: Served, alice: User
) -> None:
    film = make.published(make.channel(alice, "alices-films"), price=PRICE)
    desks = [Desk(alice, salt=number) for number in range(PAYERS)]
    crowd = Crowd(f"{gateway.url}/pay/v1/videos/{film.key}", desks)

    for _ in range(KILLS):
        crowd.rush(BEFORE, gateway.kill)
        kept = set(Charge.objects.values_list("key", flat=True))
        assert set(crowd.receipts.values()) <= kept
        gateway.start()

    for number in range(PAYERS):
        assert crowd.next(number)  # its answer may have been lost, its charge not
        assert crowd.next(number)
    assert Charge.objects.count() == sum(crowd.counts) + PAYERS == len(crowd.receipts)
    assert invariants.check() == []
