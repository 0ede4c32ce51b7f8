"""Tabs of those who do not pay from a person's balance: signed, by transfer, with tokens."""

from django.db import transaction

from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account, Tab

# Who signs every payment sets limits where they sign; this is above all coin there will be.
NO_CAP = 2**62


@transaction.atomic
def of_wallet(address: str) -> Tab:
    """The tab of a wallet that pays with transfers on chain; opened at the first asking."""
    known = Tab.objects.filter(account__kind=Account.Kind.WALLET, account__address=address).first()
    if known:
        return known
    ledger.open_book()
    account, _new = Account.objects.get_or_create(kind=Account.Kind.WALLET, address=address)
    return open_for(account, Tab.Kind.TRANSFER)


@transaction.atomic
def of_tokens() -> Tab:
    """The one tab all blind tokens are spent on."""
    known = Tab.objects.filter(account__kind=Account.Kind.TOKENS).first()
    if known:
        return known
    ledger.open_book()
    return open_for(ledger.house(Account.Kind.TOKENS), Tab.Kind.TOKENS)


def open_for(account: Account, kind: Tab.Kind) -> Tab:
    """This account's tab, without caps; its holder may set them."""
    caps = {"per_view_cap": NO_CAP, "per_day_cap": NO_CAP}
    return Tab.objects.get_or_create(account=account, defaults={"kind": kind, **caps})[0]
