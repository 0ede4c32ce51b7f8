"""What the mint owes: every drop behind a token lies on the house account `tokens`."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, Sum

from wetube.cloudcoin.invariants import Broken
from wetube.cloudcoin.models import Account, Refund, Tab
from wetube.cloudcoin.snapshot import one_moment
from wetube.tokens.models import BlindSignature, Quote, SpentToken


@dataclass(frozen=True)
class Liability:
    """In drops. `waiting` is paid for (or given back) and not turned into tokens yet."""

    issued: int
    spent: int
    waiting: int
    backed: int

    @property
    def outstanding(self) -> int:
        """Drops of tokens in people's hands."""
        return self.issued - self.spent

    @property
    def is_covered(self) -> bool:
        """Whether just as much coin lies behind the tokens."""
        return self.outstanding >= 0 and self.backed == self.outstanding + self.waiting


def outstanding() -> int:
    """Drops of tokens in people's hands: issued - spent."""
    return _sum(BlindSignature.objects.aggregate(sum=Sum("amount"))) - _sum(
        SpentToken.objects.aggregate(sum=Sum("amount"))
    )


def look() -> Liability:
    """All of it at one moment."""
    with one_moment():
        account = Account.objects.filter(kind=Account.Kind.TOKENS).first()
        return Liability(
            issued=_sum(BlindSignature.objects.aggregate(sum=Sum("amount"))),
            spent=_sum(SpentToken.objects.aggregate(sum=Sum("amount"))),
            waiting=_waiting(),
            backed=account.available if account else 0,
        )


def tokens_are_backed() -> Iterator[Broken]:
    """I10: tokens issued less tokens spent is not below nothing, and is what the account holds."""
    owed = look()
    if not owed.is_covered:
        finding = (
            f"{owed.issued} issued, {owed.spent} spent, {owed.waiting} waiting; "
            f"{owed.backed} lies behind them"
        )
        yield Broken("I10", "the mint", finding)


def _waiting() -> int:
    """Quotes that were paid, and refunds of token-paid charges that nobody has taken up."""
    paid = Quote.objects.filter(kind=Quote.Kind.MINT, state=Quote.State.PAID)
    untaken = Refund.objects.filter(charge__tab__kind=Tab.Kind.TOKENS).filter(Q(quote=None))
    return _sum(paid.aggregate(sum=Sum("amount"))) + _sum(
        untaken.aggregate(sum=Sum("charge__amount"))
    )


def _sum(found: dict[str, int | None]) -> int:
    # SUM over bigint is numeric in PostgreSQL and comes as Decimal.
    return int(found["sum"] or 0)
