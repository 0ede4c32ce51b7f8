"""The header's balance; nothing is asked of the database until a template shows it."""

from functools import cached_property

from django.http import HttpRequest

from wetube.cloudcoin import ledger
from wetube.cloudcoin.models import Account
from wetube.people.models import User


class Wallet:
    """The coin of whoever looks at the page, read when first shown."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def account(self) -> Account | None:
        """None for visitors."""
        user = self._request.user
        return ledger.account_of(user) if isinstance(user, User) else None

    @property
    def available(self) -> int:
        return self.account.available if self.account else 0

    @property
    def held(self) -> int:
        return self.account.held if self.account else 0


def balance(request: HttpRequest) -> dict[str, object]:
    return {"wallet": Wallet(request)}
