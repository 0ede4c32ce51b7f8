"""Viewers who pay for one film, each press twice at once, and take their coin back again."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.report import note, report
from script.drills.rig import DrillFailed, Rig
from script.drills.visitor import NOBODY, PATIENCE, Page, Visitor, asked_again

JOIN = """
import json
from wetube.cloudcoin import ledger
from wetube.people import joining, phrases
people = []
for number in range({count}):
    words = phrases.new()
    user, _ = joining.join(name=f"viewer-{{number}}", words=words)
    people.append((user.pk, words, ledger.account_of(user).balance))
print(json.dumps(people))
"""
BOUGHT = """
SELECT count(charge.id), count(refund.id), coalesce(sum(charge.amount), 0)
FROM cloudcoin_charge charge
JOIN cloudcoin_tab tab ON tab.id = charge.tab_id
JOIN cloudcoin_account account ON account.id = tab.account_id
LEFT JOIN cloudcoin_refund refund ON refund.charge_id = charge.id
WHERE account.owner_id = ?
"""
BALANCE = "SELECT balance - held FROM cloudcoin_account WHERE owner_id = ? AND kind = 'person'"


@dataclass
class Viewer:
    """What this person saw: `paid` and `returned` count what the page confirmed.

    `lost` counts confirmed payments and refunds that a later page did not know of.
    """

    pk: int
    phrase: str
    granted: int
    visitor: Visitor
    film: str
    price: int
    paid: int = 0
    returned: int = 0
    lost: int = 0
    broken: int = 0
    failure: Exception | None = field(default=None)

    def work(self, over: threading.Event) -> None:
        """Pay and take back until it is over; ends having paid."""
        try:
            self.visitor.log_in(self.phrase)
            while not over.is_set():
                self.pay()
                self.take_back()
            self.pay()
        except Exception as failure:
            self.failure = failure
            raise

    def pay(self) -> None:
        self._press_until("pay", seen=True)
        self.paid += 1
        self._expect(seen=True)

    def take_back(self) -> None:
        self._press_until("refund", seen=False)
        self.returned += 1
        self._expect(seen=False)

    def is_let_in(self) -> bool:
        """Whether the page shows the film and its receipt; asks until there is a page."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            page = asked_again(lambda: self.visitor.look(f"/watch/{self.film}/"))
            inside, outside = (f"/{self.film}/{verb}/" in page.text for verb in ("refund", "pay"))
            if page.status == 200 and inside != outside:
                return inside
            self.broken += 1
            time.sleep(0.2)
        raise DrillFailed(f"The watch page did not come back: {page.status} {page.says()}")

    def _press_until(self, verb: str, *, seen: bool) -> None:
        """The same click on two connections, again until the page confirms it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self._twice(verb)
            if self.is_let_in() is seen:
                return
            if time.monotonic() > deadline:
                raise DrillFailed(f"{verb} was not confirmed within {PATIENCE:.0f} s")
            time.sleep(0.1)

    def _expect(self, *, seen: bool) -> None:
        self.lost += self.is_let_in() is not seen

    def _twice(self, verb: str) -> None:
        """Returns when both have been answered or torn, so neither can act later."""
        with ThreadPoolExecutor(2) as hands:
            barrier = threading.Barrier(2)
            for done in [hands.submit(self._press, verb, barrier) for _ in range(2)]:
                done.result()

    def _press(self, verb: str, barrier: threading.Barrier) -> Page | None:
        barrier.wait()
        try:
            return self.visitor.press(f"/watch/{self.film}/{verb}/", price=str(self.price))
        except NOBODY:
            return None


class Crowd:
    """Viewers at work, each in a thread of its own."""

    def __init__(self, rig: Rig, count: int, *, film: str, price: int) -> None:
        self._rig = rig
        people = json.loads(rig.shell(JOIN.format(count=count)))
        self.viewers = [
            Viewer(pk, phrase, granted, Visitor(rig.ports[0]), film, price)
            for pk, phrase, granted in people
        ]
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=viewer.work, args=(self._over,)) for viewer in self.viewers
        ]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    @property
    def confirmed(self) -> int:
        return sum(viewer.paid + viewer.returned for viewer in self.viewers)

    def judge(self) -> list[bool]:
        """Everybody was served, once, and what was confirmed stands."""
        viewers = self.viewers
        failures = [viewer.failure for viewer in viewers if viewer.failure]
        for failure in failures:
            note("a viewer gave up", repr(failure))
        note("watch pages that were errors", str(sum(viewer.broken for viewer in viewers)))
        slowest = max(viewer.visitor.slowest for viewer in viewers)
        return [
            report("viewers who got through", len(viewers) - len(failures), len(viewers)),
            report("confirmed, then lost", self._lost(), 0, "lower"),
            report("charged or refunded twice", self._doubled(), 0, "lower"),
            report("drops astray", self._astray(), 0, "lower"),
            report("slowest answer to a viewer (s)", slowest, 30, "lower"),
        ]

    def _lost(self) -> int:
        """Confirmed, and then not so: on a later page, or in the books."""
        unknown = 0
        for viewer in self.viewers:
            charges, refunds, _sum = self._rig.rows(BOUGHT, viewer.pk)[0]
            unknown += max(0, viewer.paid - charges) + max(0, viewer.returned - refunds)
            unknown += viewer.lost + (not viewer.is_let_in())
        return unknown

    def _doubled(self) -> int:
        """Charges and refunds beyond one for each viewing."""
        more = 0
        for viewer in self.viewers:
            charges, refunds, _sum = self._rig.rows(BOUGHT, viewer.pk)[0]
            more += max(0, charges - viewer.paid) + max(0, refunds - viewer.returned)
        return more

    def _astray(self) -> int:
        """Drops that the viewers' accounts lack, or have too many of."""
        return sum(
            abs(
                viewer.granted
                - (viewer.paid - viewer.returned) * viewer.price
                - int(self._rig.rows(BALANCE, viewer.pk)[0][0])
            )
            for viewer in self.viewers
        )
