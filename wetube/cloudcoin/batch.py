"""Many orders, one transaction: lock, decide each in memory as they came, write, commit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import Error, connection, transaction
from django.utils import timezone

from wetube.cloudcoin import ledger, limits, ratecards
from wetube.cloudcoin.models import Account, Charge, RateCard, Tab
from wetube.cloudcoin.refusals import ChargeRefused, ReferenceReused, SelfPayment
from wetube.people.models import User

POISON = (Error, ValueError, OverflowError)


@dataclass(eq=False)
class Order:
    """One charge asked for; `outcome` is the charge, or why there is none.

    A person pays from their balance here; any other tab is given itself. What is not `capped`
    may cost more than the payer's limits for what is charged unasked.
    """

    payer: User | Tab
    payee: User
    amount: int
    reference: str
    subject: str
    label: str = ""
    kind: Charge.Kind = Charge.Kind.VIEW
    capped: bool = True
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
    accounts = _accounts(orders)
    payers = {_payer(order, accounts) for order in orders}
    batch = _Batch(
        accounts=accounts,
        # Tabs first, then their accounts, each in order of pk: nobody waits in a circle.
        tabs={tab.account_id: tab for tab in Tab.objects.locked().filter(account__in=payers)},
        funds=_locked_funds(payers),
        card=ratecards.current(),
        made=_charges_of({order.reference for order in orders}),
    )
    for order in orders:
        order.outcome = batch.decide(order)
    batch.write()


@dataclass
class _Funds:
    """What a payer's account will say, in drops; and whose it is."""

    balance: int
    held: int
    owner: int | None


@dataclass
class _Batch:
    """The locked rows as they will be once the orders decided so far are written.

    `accounts` gives an account's pk by its owner's; tabs and funds are kept by account.
    """

    accounts: dict[int, int]
    tabs: dict[int, Tab]
    funds: dict[int, _Funds]
    card: RateCard
    made: dict[str, Charge]
    now: datetime = field(default_factory=timezone.now)
    fresh: list[Charge] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)

    def decide(self, order: Order) -> Charge | ChargeRefused:
        payer, payee = _payer(order, self.accounts), self.accounts[order.payee.pk]
        tab, funds = self.tabs[payer], self.funds[payer]
        made = self.made.get(order.reference)
        if made:
            asked = (tab.pk, payee, order.amount, order.subject)
            same = (made.tab_id, made.payee_id, made.amount, made.subject) == asked
            return made if same else ReferenceReused(order.reference)
        if funds.owner == order.payee.pk:
            return SelfPayment()
        no = limits.refusal(
            tab=tab,
            available=funds.balance - funds.held,
            amount=order.amount,
            day=limits.today(self.now) if order.capped else None,
        )
        return no or self._charge(order, payer, payee)

    def write(self) -> None:
        """Append the charges; count them on the tabs and hold them on the accounts."""
        if not self.fresh:
            return
        Charge.objects.bulk_create(self.fresh)
        day = connection.ops.adapt_datefield_value(limits.today(self.now))
        tabs = [self.tabs[payer] for payer in self.touched]
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE cloudcoin_tab SET charged = %s, charged_today = %s, day = %s WHERE id = %s",
                [(tab.charged, tab.charged_today, day, tab.pk) for tab in tabs],
            )
            cursor.executemany(
                "UPDATE cloudcoin_account SET held = %s WHERE id = %s",
                [(self.funds[payer].held, payer) for payer in self.touched],
            )

    def _charge(self, order: Order, payer: int, payee: int) -> Charge:
        tab, day = self.tabs[payer], limits.today(self.now)
        shares = ratecards.split(order.amount, self.card)
        tab.charged += order.amount
        tab.charged_today = tab.charged_on(day) + order.amount
        tab.day = day
        self.funds[payer].held += order.amount
        self.touched.add(payer)
        charge = Charge(
            kind=order.kind,
            reference=order.reference,
            tab_id=tab.pk,
            payee_id=payee,
            amount=order.amount,
            cumulative=tab.charged,
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


def _locked_funds(payers: set[int]) -> dict[int, _Funds]:
    locked = Account.objects.locked().filter(pk__in=payers)
    rows = locked.values_list("pk", "balance", "held", "owner")
    return {pk: _Funds(balance, held, owner) for pk, balance, held, owner in rows}


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
