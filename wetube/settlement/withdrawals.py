"""Withdrawals: coin asked out to an address, and taken back while no payout has it."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from wetube.cloudcoin import ledger
from wetube.cloudcoin.amounts import coins
from wetube.cloudcoin.models import Account, Journal
from wetube.cloudcoin.refusals import BadAmount, ChargeRefused, InsufficientFunds, ReferenceReused
from wetube.core.keys import new_key
from wetube.core.states import TransitionRefused
from wetube.people.models import User
from wetube.settlement import destinations
from wetube.settlement.destinations import NotAnAddress
from wetube.settlement.models import Withdrawal

__all__ = [
    "BadAmount",
    "BelowMinimum",
    "InsufficientFunds",
    "NotAnAddress",
    "ReferenceReused",
    "TooLate",
    "ask",
    "ask_from",
    "cancel",
]


class BelowMinimum(ChargeRefused):
    """Less than is worth a payout."""

    def __init__(self) -> None:
        self.minimum = settings.WITHDRAWAL_MINIMUM_DROPS
        super().__init__(_("At least %(least)s at a time.") % {"least": coins(self.minimum)})


class TooLate(ChargeRefused):
    """The withdrawal is in a payout already, or was cancelled before."""

    def __init__(self) -> None:
        super().__init__(_("It is too late to cancel: the payout is on its way."))


def ask(
    user: User, *, amount: int, address: str, push: bool = True, reference: str = ""
) -> Withdrawal:
    """Ask `amount` drops out to `address` with the next payout; the coin leaves the balance now.

    With `push` we claim it on chain for the person, once it is worth the gas; without, anyone
    may claim it with the published proof. A `reference` of the caller's makes a second asking
    return the first withdrawal. No chain is needed.
    Raises NotAnAddress, BadAmount, BelowMinimum, InsufficientFunds, ReferenceReused: then nothing
    was moved.
    """
    return ask_from(
        ledger.account_of(user), amount=amount, address=address, push=push, reference=reference
    )


@transaction.atomic
def ask_from(
    account: Account, *, amount: int, address: str, push: bool, reference: str = ""
) -> Withdrawal:
    """As `ask`, from any account: the gateway's own income goes out this way, too."""
    where = destinations.parse(address)
    if amount <= 0:
        raise BadAmount(amount)
    if amount < settings.WITHDRAWAL_MINIMUM_DROPS:
        raise BelowMinimum
    ledger.open_book()
    made = Withdrawal.objects.filter(reference=reference).first() if reference else None
    if made:
        return _same(made, (account.pk, amount, where))
    key = new_key()
    ledger.post(
        reference=f"withdrawal:{key}",
        kind=Journal.Kind.WITHDRAWAL,
        entries=[(account, -amount), (ledger.house(Account.Kind.PAYOUTS), amount)],
    )
    return Withdrawal.objects.create(
        key=key,
        reference=reference or key,
        account=account,
        address=where,
        amount=amount,
        push=push,
    )


@transaction.atomic
def cancel(withdrawal: Withdrawal) -> Withdrawal:
    """Give the coin back, while no payout has it; cancelling twice is harmless. Raises TooLate."""
    ledger.open_book()
    withdrawal = Withdrawal.objects.get(pk=withdrawal.pk)
    if withdrawal.state == Withdrawal.State.CANCELLED:
        return withdrawal
    try:
        withdrawal.move_to(Withdrawal.State.CANCELLED)
    except TransitionRefused as error:
        raise TooLate from error
    ledger.post(
        reference=f"withdrawal:{withdrawal.key}:cancelled",
        kind=Journal.Kind.WITHDRAWAL,
        entries=[
            (ledger.house(Account.Kind.PAYOUTS), -withdrawal.amount),
            (withdrawal.account, withdrawal.amount),
        ],
    )
    return withdrawal


def _same(made: Withdrawal, asked: tuple[int, int, str]) -> Withdrawal:
    if (made.account_id, made.amount, made.address) != asked:
        raise ReferenceReused(made.reference)
    return made
