"""Many orders, one transaction: lock, decide each in memory as they came, write, commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import Error, connection, transaction
from django.utils import timezone

from wetube.cloudcoin import appending, ledger, limits, purses, ratecards, signed_orders
from wetube.cloudcoin.models import Account, Charge, RateCard, Tab
from wetube.cloudcoin.orders import Order
from wetube.cloudcoin.purses import Purse
from wetube.cloudcoin.refusals import ChargeRefused, ReferenceReused, SelfPayment
from wetube.people.models import User

__all__ = ["Order", "commit", "settle"]

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
    batch = _Batch(
        accounts=accounts,
        purses=purses.locked({_payer(order, accounts) for order in orders}),
        card=ratecards.current(),
        made=_charges_of({order.reference for order in orders if order.reference}),
    )
    for order in orders:
        order.outcome = batch.decide(order)
    batch.write()


@dataclass
class _Batch:
    """The locked rows as they will be once the orders decided so far are written.

    `accounts` gives an account's pk by its owner's; purses are kept by account, what was
    `made` by reference.
    """

    accounts: dict[int, int]
    purses: dict[int, Purse]
    card: RateCard
    made: dict[str, Charge]
    now: datetime = field(default_factory=timezone.now)
    fresh: list[Charge] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def decide(self, order: Order) -> Charge | ChargeRefused:
        purse = self.purses[_payer(order, self.accounts)]
        payee = self.accounts[order.payee.pk]
        if order.voucher:
            order.reference = signed_orders.reference(purse, order.voucher)
            again = signed_orders.again(purse, order, self.made)
            if again:
                return again
        elif made := self.made.get(order.reference):
            asked = (purse.tab, payee, order.amount, order.subject)
            same = (made.tab_id, made.payee_id, made.amount, made.subject) == asked
            return made if same else ReferenceReused(order.reference)
        return self._refusal(purse, order) or self._charge(order, purse, payee)

    def write(self) -> None:
        """Append the charges; count them on the tabs and hold them on the accounts."""
        if not self.fresh:
            return
        appending.append(self.fresh)
        purses.write(self.purses[account] for account in self.touched)

    def _refusal(self, purse: Purse, order: Order) -> ChargeRefused | None:
        if purse.owner == order.payee.pk:
            return SelfPayment()
        no = signed_orders.refusal(purse, order)
        return no or limits.refusal(
            tab=purse,
            available=purse.available,
            amount=order.amount,
            day=limits.today(self.now) if order.capped else None,
        )

    def _charge(self, order: Order, purse: Purse, payee: int) -> Charge:
        shares = ratecards.split(order.amount, self.card)
        purse.charge(order.amount, limits.today(self.now))
        if order.voucher:
            purse.sign(order.voucher.most, order.voucher.signature)
        self.touched.add(purse.account)
        charge = Charge(
            kind=order.kind,
            reference=order.reference,
            tab_id=purse.tab,
            payee_id=payee,
            amount=order.amount,
            cumulative=purse.charged,
            payee_share=shares.payee,
            nodes_share=shares.nodes,
            gateway_share=shares.gateway,
            subject=order.subject,
            label=order.label,
            ratecard_id=self.card.pk,
            at=self.now,
        )
        self.made[order.reference] = charge
        self.fresh.append(charge)
        return charge


def _accounts(orders: Iterable[Order]) -> dict[int, int]:
    """The account's pk by its owner's, for everybody named; opened where there is none yet."""
    named = (person for order in orders for person in (order.payer, order.payee))
    people = {person.pk: person for person in named if isinstance(person, User)}
    found = Account.objects.filter(owner__in=list(people), kind=Account.Kind.PERSON)
    accounts = {owner: pk for owner, pk in found.values_list("owner", "pk") if owner}
    for pk in people.keys() - accounts.keys():
        accounts[pk] = ledger.account_of(people[pk]).pk
    return accounts


def _payer(order: Order, accounts: dict[int, int]) -> int:
    """The pk of the account that pays."""
    payer = order.payer
    return payer.account_id if isinstance(payer, Tab) else accounts[payer.pk]


def _charges_of(references: set[str]) -> dict[str, Charge]:
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
