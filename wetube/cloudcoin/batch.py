"""Many orders, one transaction: lock, decide each in memory as they came, write, commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import Error, connection, transaction
from django.utils import timezone

from wetube.cloudcoin import ledger, limits, ratecards
from wetube.cloudcoin.models import Account, Charge, RateCard, Tab
from wetube.cloudcoin.refusals import ChargeRefused, ReferenceReused
from wetube.people.models import User

POISON = (Error, ValueError, OverflowError)


@dataclass(eq=False)
class Order:
    """One charge asked for; `outcome` is the charge, or why there is none."""

    payer: User
    payee: User
    amount: int
    reference: str
    subject: str
    label: str = ""
    outcome: Charge | Exception | None = None

    def result(self) -> Charge:
        """The charge. Raises what refused it."""
        if isinstance(self.outcome, Charge):
            return self.outcome
        raise self.outcome or RuntimeError("The order was never decided")


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
    now = timezone.now()
    accounts = _accounts(orders)
    batch = _Batch(
        tabs=_locked_tabs(accounts[order.payer.pk] for order in orders),
        accounts=accounts,
        card=ratecards.current(),
        now=now,
    )
    batch.made = _charges_of({order.reference for order in orders})
    for order in orders:
        order.outcome = batch.decide(order)
    batch.write()


class _Batch:
    """The locked rows as they will be once the orders decided so far are written."""

    def __init__(
        self, *, tabs: dict[int, Tab], accounts: dict[int, Account], card: RateCard, now: datetime
    ) -> None:
        self.tabs, self.accounts, self.card, self.now = tabs, accounts, card, now
        self.day = limits.today(now)
        self.made: dict[str, Charge] = {}
        self.fresh: list[Charge] = []

    def decide(self, order: Order) -> Charge | ChargeRefused:
        tab = self.tabs[self.accounts[order.payer.pk].pk]
        payee = self.accounts[order.payee.pk]
        made = self.made.get(order.reference)
        if made:
            asked = (tab.pk, payee.pk, order.amount, order.subject)
            same = (made.tab_id, made.payee_id, made.amount, made.subject) == asked
            return made if same else ReferenceReused(order.reference)
        available = tab.account.available
        no = limits.refusal(tab=tab, available=available, amount=order.amount, day=self.day)
        return no or self._charge(order, tab, payee)

    def write(self) -> None:
        """Append the charges; count them on the tabs and hold them on the accounts."""
        if not self.fresh:
            return
        Charge.objects.bulk_create(self.fresh)
        touched = {charge.tab_id: charge.tab for charge in self.fresh}.values()
        day = connection.ops.adapt_datefield_value(self.day)
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE cloudcoin_tab SET charged = %s, charged_today = %s, day = %s WHERE id = %s",
                [(tab.charged, tab.charged_today, day, tab.pk) for tab in touched],
            )
            cursor.executemany(
                "UPDATE cloudcoin_account SET held = %s WHERE id = %s",
                [(tab.account.held, tab.account.pk) for tab in touched],
            )

    def _charge(self, order: Order, tab: Tab, payee: Account) -> Charge:
        shares = ratecards.split(order.amount, self.card)
        tab.charged += order.amount
        tab.charged_today = tab.charged_on(self.day) + order.amount
        tab.day = self.day
        tab.account.held += order.amount
        charge = Charge(
            reference=order.reference,
            tab=tab,
            payee=payee,
            amount=order.amount,
            cumulative=tab.charged,
            payee_share=shares.payee,
            nodes_share=shares.nodes,
            gateway_share=shares.gateway,
            subject=order.subject,
            label=order.label,
            ratecard=self.card,
            at=self.now,
        )
        self.made[order.reference] = charge
        self.fresh.append(charge)
        return charge


def _accounts(orders: Iterable[Order]) -> dict[int, Account]:
    """The account of everybody named, by the person's pk; opened where there is none yet."""
    people = {person.pk: person for order in orders for person in (order.payer, order.payee)}
    found = Account.objects.filter(owner__in=list(people), kind=Account.Kind.PERSON)
    accounts = {account.owner_id: account for account in found if account.owner_id}
    for pk in people.keys() - accounts.keys():
        accounts[pk] = ledger.account_of(people[pk])
    return accounts


def _locked_tabs(payers: Iterable[Account]) -> dict[int, Tab]:
    """Tabs first, then their accounts, each in order of pk: nobody waits in a circle."""
    pks = {account.pk for account in payers}
    tabs = {tab.account_id: tab for tab in Tab.objects.locked().filter(account__in=pks)}
    for account in Account.objects.locked().filter(pk__in=pks):
        tabs[account.pk].account = account
    return tabs


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
