"""Books that several hands may write at once, as the tests of the ledger have them."""

from tests.cloudcoin.conftest import shared_books

__all__ = ["shared_books"]
