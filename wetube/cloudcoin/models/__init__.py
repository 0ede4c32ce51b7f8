"""The rows of the books: accounts, journals and entries, tabs, charges and what became of them."""

from wetube.cloudcoin.models.books import FIRST_HASH, Account, Book, Entry, Journal
from wetube.cloudcoin.models.charges import Charge, ChargeQuerySet, RateCard, Refund, Rollup
from wetube.cloudcoin.models.checkpoints import Checkpoint
from wetube.cloudcoin.models.tabs import Escrow, EscrowDeposit, Tab

__all__ = [
    "FIRST_HASH",
    "Account",
    "Book",
    "Charge",
    "ChargeQuerySet",
    "Checkpoint",
    "Entry",
    "Escrow",
    "EscrowDeposit",
    "Journal",
    "RateCard",
    "Refund",
    "Rollup",
    "Tab",
]
