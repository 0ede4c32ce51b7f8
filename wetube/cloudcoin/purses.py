"""What a batch of charges needs to know of its payers, locked, and how it is written back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.conf import settings
from django.db import connection

from wetube.cloudcoin import bulk

_TABS = """
    SELECT tab.id, tab.account_id, tab.kind, tab.charged, tab.refunded, tab.per_view_cap,
        tab.per_day_cap, tab.day, tab.charged_today, escrow.id, escrow.state,
        COALESCE(escrow.signed, 0), COALESCE(escrow.unconfirmed, 0)
    FROM cloudcoin_tab AS tab LEFT JOIN cloudcoin_escrow AS escrow ON escrow.tab_id = tab.id
    WHERE"""
_FUNDS = "SELECT id, balance, held, owner_id FROM cloudcoin_account AS account WHERE"


@dataclass(slots=True)
class Purse:
    """One payer: the tab, the account it is paid from and, if it is signed, the escrow.

    Amounts are drops, as they will be when the charges decided so far are written.
    """

    tab: int
    account: int
    kind: str
    charged: int
    refunded: int
    per_view_cap: int
    per_day_cap: int
    day: date | None
    charged_today: int
    escrow: int | None
    state: str | None
    signed: int
    unconfirmed: int
    balance: int = 0
    held: int = 0
    owner: int | None = None
    signature: bytes = b""  # of a voucher newer than what is written

    @property
    def available(self) -> int:
        """Drops that may be spent now: of coin the chain may still take back only so many."""
        free = self.balance - self.held
        if not self.unconfirmed:  # nearly always, and settings are slow to ask
            return free
        return free - max(0, self.unconfirmed - settings.UNCONFIRMED_EXPOSURE)

    @property
    def owed(self) -> int:
        """What all charges that stand sum to; the next voucher says so many and its price."""
        return self.charged - self.refunded

    def charged_on(self, day: date) -> int:
        """Drops charged on this day (UTC)."""
        return self.charged_today if self.day == day else 0

    def charge(self, amount: int, day: date) -> None:
        self.charged += amount
        self.charged_today = self.charged_on(day) + amount
        self.day = day
        self.held += amount

    def sign(self, most: int, signature: bytes) -> None:
        """Keep the voucher if it says more than any before it."""
        if most > self.signed:
            self.signed, self.signature = most, signature


def locked(accounts: Iterable[int]) -> dict[int, Purse]:
    """The purses by account, locked until the commit.

    Tabs first, then their accounts, each in order of pk: nobody waits in a circle.
    """
    payers = list(accounts)
    with connection.cursor() as cursor:
        which, values = bulk.among("tab.account_id", payers)
        cursor.execute(f"{_TABS} {which} ORDER BY tab.id{bulk.locking('tab')}", values)
        purses = {row[1]: Purse(*row) for row in cursor.fetchall()}
        for purse in purses.values():
            purse.day = _date(purse.day)
        which, values = bulk.among("id", payers)
        cursor.execute(f"{_FUNDS} {which} ORDER BY id{bulk.locking('account')}", values)
        for pk, balance, held, owner in cursor.fetchall():
            purse = purses[pk]
            purse.balance, purse.held, purse.owner = balance, held, owner
    return purses


def write(purses: Sequence[Purse]) -> None:
    """Count what was charged on the tabs, hold it on the accounts, keep the vouchers."""
    bulk.update(
        "cloudcoin_tab",
        {"charged": "bigint", "charged_today": "bigint", "day": "date"},
        [(each.charged, each.charged_today, str(each.day), each.tab) for each in purses],
    )
    bulk.update(
        "cloudcoin_account", {"held": "bigint"}, [(each.held, each.account) for each in purses]
    )
    signed = [each for each in purses if each.signature]
    if signed:
        bulk.update(
            "cloudcoin_escrow",
            {"signed": "bigint", "signature": "bytea"},
            [(each.signed, each.signature, each.escrow) for each in signed],
        )


@lru_cache(maxsize=64)
def _date(said: str | date | None) -> date | None:
    """A day as this database gives it: SQLite's are text."""
    return date.fromisoformat(said) if isinstance(said, str) else said
