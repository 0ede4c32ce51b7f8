"""The ledger: coin moves between accounts, balanced, once per reference, and stays written."""

from collections import Counter
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import connection, transaction

from wetube.cloudcoin import hash_chain
from wetube.cloudcoin.guarded import rewritten
from wetube.cloudcoin.models import Account, Book, Entry, Journal, Tab
from wetube.cloudcoin.refusals import BadAmount, ChargeRefused, InsufficientFunds, ReferenceReused
from wetube.people.models import User

__all__ = [
    "BadAmount",
    "ChargeRefused",
    "InsufficientFunds",
    "ReferenceReused",
    "Unbalanced",
    "account_of",
    "house",
    "open_book",
    "post",
    "transfer",
]  # fmt: skip

Legs = Sequence[tuple[Account, int]]


class Unbalanced(ValueError):
    """The legs do not sum to nothing, or one of them moves nothing."""


def account_of(user: User) -> Account:
    """The person's account, opened with its tab and the newcomer's grant at the first asking."""
    account = Account.objects.filter(owner=user, kind=Account.Kind.PERSON).first()
    return account or _open_account(user)


def house(kind: Account.Kind) -> Account:
    """The gateway's own account of this kind: its income, the nodes' share, the coin issued."""
    return Account.objects.filter(kind=kind).first() or Account.objects.get_or_create(kind=kind)[0]


@transaction.atomic
def transfer(*, payer: Account, payee: Account, amount: int, reference: str) -> Journal:
    """Move drops from one account to another, once per reference.

    Asking again with the same reference returns the first journal and moves nothing.
    Raises BadAmount, InsufficientFunds, ReferenceReused.
    """
    if amount <= 0:
        raise BadAmount(amount)
    legs = [(payer, -amount), (payee, amount)]
    return post(reference=reference, kind=Journal.Kind.TRANSFER, entries=legs)


@transaction.atomic
def post(
    *,
    reference: str,
    kind: Journal.Kind,
    entries: Legs,
    released: Mapping[Account, int] | None = None,
) -> Journal:
    """Write one balanced journal and move the balances with it.

    `released` says how many held drops of a payer this journal settles. The same reference
    with the same legs returns the journal that was posted first.
    Raises Unbalanced, InsufficientFunds, ReferenceReused.
    """
    if sum(amount for _, amount in entries) or not all(amount for _, amount in entries):
        raise Unbalanced(f"{reference}: the legs must sum to nothing, and none may be nothing")
    book = open_book()
    made = Journal.objects.filter(reference=reference).first()
    if made:
        return _same(made, kind, entries)
    moved: Counter[int] = Counter()
    for account, amount in entries:
        moved[account.pk] += amount
    _move(moved, {account.pk: drops for account, drops in (released or {}).items()})
    return _write(book, Journal(reference=reference, kind=kind), entries)


def open_book() -> Book:
    """Lock the book: journals are posted one after another. Taken before any tab or account."""
    book = Book.objects.select_for_update(no_key=True).first()
    if book is None:
        Book.objects.get_or_create(pk=1)
        book = Book.objects.select_for_update(no_key=True).get(pk=1)
    return book


@transaction.atomic
def _open_account(user: User) -> Account:
    """Two first askings at once meet at the book; the second finds what the first made."""
    open_book()
    account, _ = Account.objects.get_or_create(owner=user, kind=Account.Kind.PERSON)
    Tab.objects.get_or_create(account=account)
    if settings.DEMO_GRANT_DROPS:
        grant = settings.DEMO_GRANT_DROPS
        post(
            reference=f"grant:{account.key}",
            kind=Journal.Kind.GRANT,
            entries=[(house(Account.Kind.ISSUANCE), -grant), (account, grant)],
        )
    return Account.objects.get(pk=account.pk)


def _same(made: Journal, kind: Journal.Kind, entries: Legs) -> Journal:
    """What was posted under this reference, if it is this very move."""
    written = sorted(made.entries.values_list("account_id", "amount"))
    if made.kind != kind or written != sorted((account.pk, amount) for account, amount in entries):
        raise ReferenceReused(made.reference)
    return made


def _move(moved: Mapping[int, int], released: Mapping[int, int]) -> None:
    accounts = list(Account.objects.locked().filter(pk__in=moved.keys() | released.keys()))
    changes = []
    for account in accounts:
        amount, freed = moved.get(account.pk, 0), released.get(account.pk, 0)
        left = account.available + amount + freed
        if left < 0 and account.kind not in Account.OUTSIDE:
            raise InsufficientFunds(amount=-(amount + freed), available=account.available)
        changes.append((amount, freed, account.pk))
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE cloudcoin_account SET balance = balance + %s, held = held - %s WHERE id = %s",
            changes,
        )


def _write(book: Book, journal: Journal, entries: Legs) -> Journal:
    journal.prev_hash = book.head
    journal.hash = hash_chain.hash_of(
        journal, ((account.key, amount) for account, amount in entries)
    )
    journal.save()
    Entry.objects.bulk_create(
        [Entry(journal=journal, account=account, amount=amount) for account, amount in entries]
    )
    rewritten(Book.objects.filter(pk=book.pk), journals=book.journals + 1, head=journal.hash)
    return journal
