"""Journals of coin that came in by one-off transfers, named as the outbox names the transfers."""

from django.db import transaction

from wetube.chain import addresses
from wetube.cloudcoin import ledger, tabs
from wetube.cloudcoin.models import Account, Journal
from wetube.wire import intents

ACCOUNT = "account:"


def book(transfer: str, payer: str, amount: int) -> Journal:
    """Coin of this payer has come into the vault; it is theirs until something is charged.

    However the payer wrote their address, there is one account of it. Raises ValueError for none.
    """
    return ledger.post(
        reference=transfer,
        kind=Journal.Kind.DEPOSIT,
        entries=[(ledger.house(Account.Kind.VAULT), -amount), (_wallet(payer), amount)],
    )


@transaction.atomic
def top_up(transfer: str, payer: str, amount: int, account: Account) -> None:
    """Coin of this payer has come into the vault, and is the person's at once.

    Raises InsufficientFunds when it came before and the payer has it back.
    """
    book(transfer, payer, amount)
    ledger.post(
        reference=of_top_up(transfer),
        kind=Journal.Kind.DEPOSIT,
        entries=[(_wallet(payer), -amount), (account, amount)],
    )


def of_top_up(transfer: str) -> str:
    """The reference of the journal by which the coin goes on from the payer to the person."""
    return f"topup:{transfer}"


def subject_of(account: Account) -> str:
    """What a transfer is for that tops this account up."""
    return f"{ACCOUNT}{account.key}"


def topped_up_by(transfer: str) -> Account | None:
    """Whose balance this transfer was to top up; None if it buys something, or they are gone."""
    subject = intents.subject_of(transfer)
    if not subject.startswith(ACCOUNT):
        return None
    people = Account.objects.filter(kind=Account.Kind.PERSON, owner__isnull=False)
    return people.filter(key=subject.removeprefix(ACCOUNT)).first()


def _wallet(payer: str) -> Account:
    return tabs.of_wallet(addresses.checksummed(addresses.raw(payer))).account
