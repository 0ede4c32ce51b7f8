"""What a batch of charges needs to know of its payers, locked, and how it is written back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from wetube.cloudcoin.models import Account, Tab

_TAB = (
    "pk", "account_id", "kind", "charged", "refunded", "per_view_cap", "per_day_cap", "day",
    "charged_today",
)  # fmt: skip
_ESCROW = ("escrow__pk", "escrow__state", "escrow__signed", "escrow__unconfirmed")


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
        return self.balance - self.held - max(0, self.unconfirmed - settings.UNCONFIRMED_EXPOSURE)

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
    rows = Tab.objects.locked().filter(account__in=list(accounts))
    purses = {row[1]: _purse(row) for row in rows.values_list(*_TAB, *_ESCROW)}
    funds = Account.objects.locked().filter(pk__in=list(purses))
    for pk, balance, held, owner in funds.values_list("pk", "balance", "held", "owner"):
        purse = purses[pk]
        purse.balance, purse.held, purse.owner = balance, held, owner
    return purses


def write(purses: Iterable[Purse]) -> None:
    """Count what was charged on the tabs, hold it on the accounts, keep the vouchers."""
    purses = list(purses)
    adapt = connection.ops.adapt_datefield_value
    days = {purse.day: adapt(purse.day) for purse in purses}
    _update(
        "cloudcoin_tab",
        {"charged": "bigint", "charged_today": "bigint", "day": "date"},
        [(each.charged, each.charged_today, days[each.day], each.tab) for each in purses],
    )
    _update("cloudcoin_account", {"held": "bigint"}, [(each.held, each.account) for each in purses])
    signed = [each for each in purses if each.signature]
    if signed:
        _update(
            "cloudcoin_escrow",
            {"signed": "bigint", "signature": "bytea"},
            [(each.signed, each.signature, each.escrow) for each in signed],
        )


def _purse(row: Sequence[Any]) -> Purse:
    """A tab without an escrow has nothing signed and nothing unconfirmed."""
    facts: list[Any] = [*row[:-2], row[-2] or 0, row[-1] or 0]
    return Purse(*facts)


def _update(table: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
    """Set the columns (name to PostgreSQL type) of the rows; the last value of each is its id."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            changes = ", ".join(f"{column} = %s" for column in columns)
            cursor.executemany(f"UPDATE {table} SET {changes} WHERE id = %s", rows)  # noqa: S608
            return
        # One statement: a round trip for each row would cost more than the commit.
        casts = ", ".join(f"%s::{type_}[]" for type_ in (*columns.values(), "bigint"))
        names = ", ".join((*columns, "id"))
        changes = ", ".join(f"{column} = new.{column}" for column in columns)
        cursor.execute(
            f"UPDATE {table} AS old SET {changes}"  # noqa: S608 - our own names
            f" FROM unnest({casts}) AS new({names}) WHERE old.id = new.id",
            [list(values) for values in zip(*rows, strict=True)],
        )
