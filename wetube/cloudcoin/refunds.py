"""Refunds: a charge is given back whole, once, by a journal of its own."""

from django.db import transaction

from wetube.cloudcoin import ledger, limits, rollup
from wetube.cloudcoin.guarded import rewritten
from wetube.cloudcoin.ledger import InsufficientFunds
from wetube.cloudcoin.models import Account, Charge, Journal, Refund, Tab

__all__ = ["InsufficientFunds", "refund"]


@transaction.atomic
def refund(charge: Charge, *, reason: str) -> Refund:
    """Give the payer back every drop of the charge; a second asking returns the first refund.

    Each payee gives its share back; what a payee no longer holds, the gateway covers.
    Raises InsufficientFunds when the gateway cannot: nothing is moved then, ask again later.
    """
    ledger.open_book()
    made = Refund.objects.filter(charge=charge).first()
    if made:
        return made
    if Charge.objects.unsettled().filter(pk=charge.pk).exists():
        rollup.roll_up()
    tab = Tab.objects.locked().get(pk=charge.tab_id)
    shares = _shares(charge)
    given = _given(shares, payer=tab.account_id)
    covered = charge.amount - sum(given.values())
    legs = [(account, -drops) for account, drops in given.items()]
    if covered:
        legs.append((ledger.house(Account.Kind.GATEWAY), -covered))
    journal = ledger.post(
        reference=f"refund:{charge.key}",
        kind=Journal.Kind.REFUND,
        entries=[*legs, (tab.account, charge.amount)],
    )
    _count_back(tab, charge)
    return Refund.objects.create(charge=charge, journal=journal, reason=reason, covered=covered)


def _shares(charge: Charge) -> dict[int, int]:
    shares = {
        charge.payee_id: charge.payee_share,
        ledger.house(Account.Kind.NODES).pk: charge.nodes_share,
        ledger.house(Account.Kind.GATEWAY).pk: charge.gateway_share,
    }
    return {pk: drops for pk, drops in shares.items() if drops}


def _given(shares: dict[int, int], *, payer: int) -> dict[Account, int]:
    """What each payee can give back of its share, with theirs and the payer's account locked."""
    accounts = Account.objects.locked().filter(pk__in=[*shares, payer])
    able = {account: min(shares.get(account.pk, 0), account.available) for account in accounts}
    return {account: drops for account, drops in able.items() if drops > 0}


def _count_back(tab: Tab, charge: Charge) -> None:
    """The tab owes less, and what was charged and given back on one day leaves that day's cap."""
    changes = {"refunded": tab.refunded + charge.amount}
    if tab.day == limits.today(charge.at):
        changes["charged_today"] = max(0, tab.charged_today - charge.amount)
    rewritten(Tab.objects.filter(pk=tab.pk), **changes)
