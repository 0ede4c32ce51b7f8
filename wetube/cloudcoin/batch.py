"""Many orders, one transaction: lock, decide each in memory as they came, write, commit."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import Error, connection, transaction
from django.utils import timezone

from wetube.cloudcoin import appending, bulk, ledger, limits, purses, ratecards, signed_orders
from wetube.cloudcoin.appending import Line
from wetube.cloudcoin.models import Charge, RateCard, Tab
from wetube.cloudcoin.orders import Order
from wetube.cloudcoin.purses import Purse
from wetube.cloudcoin.refusals import ChargeRefused, ReferenceReused, SelfPayment
from wetube.core import keys
from wetube.people.models import User

__all__ = ["Order", "commit", "settle"]

_OF_PEOPLE = "SELECT owner_id, id FROM cloudcoin_account WHERE kind = 'person' AND"
POISON = (Error, ValueError, OverflowError)


def settle(orders: Sequence[Order]) -> None:
    """Give every order its outcome and commit; an order the database refuses fails alone.

    What fails is tried again in halves, so one bad order costs a few commits and not the
    others; the references make every second try safe.
    """
    error = _attempt(orders)
    if error and _connection_was_lost():
        error = _attempt(orders)
    if error is None:
        return
    if len(orders) == 1:
        orders[0].outcome = error
        return
    middle = len(orders) // 2
    settle(orders[:middle])
    settle(orders[middle:])


@transaction.atomic
def commit(orders: Sequence[Order]) -> None:
    """One transaction for all; raises what the database raises, and then nothing happened."""
    accounts = _accounts(orders)
    now = timezone.now()
    batch = _Batch(
        accounts=accounts,
        purses=purses.locked({_payer(order, accounts) for order in orders}),
        card=ratecards.current(),
        made=_charges_of({order.reference for order in orders if not order.voucher}),
        now=now,
        day=limits.today(now),
        keys=keys.timed_keys(keys.time_letters(now), len(orders)),
    )
    for order in orders:
        order.outcome = batch.decide(order)
    written = batch.write()
    for order in orders:
        if isinstance(order.outcome, Line):
            order.pk = written[order.outcome.reference]


@dataclass
class _Batch:
    """The locked rows as they will be once the orders decided so far are written.

    `accounts` gives an account's pk by its owner's; purses are kept by account, what was
    `made` by reference. There is one of the `keys` for every order.
    """

    accounts: dict[int, int]
    purses: dict[int, Purse]
    card: RateCard
    made: dict[str, Charge | Line]
    now: datetime
    day: date
    keys: Iterator[str]
    fresh: list[Line] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def decide(self, order: Order) -> Charge | Line | ChargeRefused:
        purse = self.purses[_payer(order, self.accounts)]
        payee = self.accounts[order.payee.pk]
        if order.voucher:
            again = signed_orders.again(purse, order, self.fresh)
            if again:
                return again
        elif made := self.made.get(order.reference):
            asked = (purse.tab, payee, order.amount, order.subject)
            same = (made.tab_id, made.payee_id, made.amount, made.subject) == asked
            return made if same else ReferenceReused(order.reference)
        return self._refusal(purse, order) or self._charge(order, purse, payee)

    def write(self) -> dict[str, int]:
        """Append the charges, count them on their tabs, hold the coin; ids by reference."""
        if not self.fresh:
            return {}
        ids = appending.append(self.fresh)
        purses.write([self.purses[account] for account in self.touched])
        return dict(zip((line.reference for line in self.fresh), ids, strict=True))

    def _refusal(self, purse: Purse, order: Order) -> ChargeRefused | None:
        if purse.owner == order.payee.pk:
            return SelfPayment()
        no = signed_orders.refusal(purse, order)
        return no or limits.refusal(
            tab=purse,
            available=purse.available,
            amount=order.amount,
            day=self.day if order.capped else None,
        )

    def _charge(self, order: Order, purse: Purse, payee: int) -> Line:
        purse.charge(order.amount, self.day)
        key, reference = next(self.keys), order.reference
        if order.voucher:
            purse.sign(order.voucher.most, order.voucher.signature)
            reference = signed_orders.reference(key, order.voucher)
        line = Line(
            key,
            order.kind,
            reference,
            purse.tab,
            payee,
            order.amount,
            purse.charged,
            *ratecards.split(order.amount, self.card),
            order.subject,
            order.label,
            self.card.pk,
            self.now,
        )
        self.touched.add(purse.account)
        if not order.voucher:
            self.made[reference] = line
        self.fresh.append(line)
        return line


def _accounts(orders: Iterable[Order]) -> dict[int, int]:
    """The account's pk by its owner's, for everybody named; opened where there is none yet."""
    # Half of a hundred orders name the same few people, and a pk is slow to ask.
    named = {id(person): person for order in orders for person in (order.payer, order.payee)}
    people = {person.pk: person for person in named.values() if isinstance(person, User)}
    which, values = bulk.among("owner_id", people)
    with connection.cursor() as cursor:
        cursor.execute(f"{_OF_PEOPLE} {which}", values)
        accounts: dict[int, int] = dict(cursor.fetchall())
    for pk in people.keys() - accounts.keys():
        accounts[pk] = ledger.account_of(people[pk]).pk
    return accounts


def _payer(order: Order, accounts: dict[int, int]) -> int:
    """The pk of the account that pays."""
    payer = order.payer
    return payer.account_id if isinstance(payer, Tab) else accounts[payer.pk]


def _charges_of(references: set[str]) -> dict[str, Charge | Line]:
    if not references:
        return {}
    return {charge.reference: charge for charge in Charge.objects.filter(reference__in=references)}


def _attempt(orders: Sequence[Order]) -> Exception | None:
    try:
        commit(orders)
    except POISON as error:
        return error
    return None


def _connection_was_lost() -> bool:
    """True if the database went away; the next statement then asks for a new connection."""
    if connection.is_usable():
        return False
    connection.close()
    return True
