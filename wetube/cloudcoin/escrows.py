"""Escrows: coin that lies in a payment channel on chain, and what the chain does with it.

Every verb is one transaction and knows its move by a reference, so what is told twice happens
once. Amounts are drops. The order of locks is the till's: the book, then tabs, then accounts.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from wetube.cloudcoin import caps, ledger, tabs
from wetube.cloudcoin.guarded import rewritten
from wetube.cloudcoin.models import Account, Escrow, EscrowDeposit, Journal, Tab
from wetube.people.models import User

__all__ = [
    "adopt",
    "claimed",
    "deposit_final",
    "deposit_gone",
    "deposit_seen",
    "freeze",
    "of",
    "opened",
    "settled",
    "thaw",
    "withdrawn",
]  # fmt: skip

State = EscrowDeposit.State


def of(channel: str) -> Escrow | None:
    """The escrow of a payment channel (0x and 64 hexadecimal digits), with its tab and account."""
    rows = Escrow.objects.select_related("tab__account")
    return rows.filter(channel=channel.lower()).first()


@transaction.atomic
def opened(channel: str, config: Mapping[str, Any]) -> Escrow:
    """The escrow of this channel, made with its account and tab at the first asking.

    `config` is the channel's configuration as x402 names its parts; the caller has checked
    that `channel` is its hash.
    """
    ledger.open_book()
    known = of(channel)
    if known:
        return known
    account = Account.objects.create(kind=Account.Kind.SIGNED, address=config["payer"])
    return Escrow.objects.create(
        tab=tabs.open_for(account, Tab.Kind.SIGNED),
        channel=channel.lower(),
        payer=config["payer"],
        authorizer=config["payerAuthorizer"],
        config=dict(config),
    )


@transaction.atomic
def deposit_seen(escrow: Escrow, *, amount: int, reference: str) -> EscrowDeposit:
    """The chain shows a deposit, which it may still take back; `reference` names its log.

    A deposit that was gone and is shown again counts again.
    """
    escrow = _locked(escrow)
    deposit, _new = EscrowDeposit.objects.get_or_create(
        reference=reference, defaults={"escrow": escrow, "amount": amount}
    )
    if deposit.state != State.GONE:
        return deposit
    _post_deposit(escrow, deposit)
    rewritten(Escrow.objects.filter(pk=escrow.pk), unconfirmed=escrow.unconfirmed + deposit.amount)
    return _noted(deposit, state=State.SEEN, times=deposit.times + 1, covered=0)


@transaction.atomic
def deposit_final(escrow: Escrow, *, amount: int, reference: str) -> EscrowDeposit:
    """The chain will not take this deposit back any more."""
    deposit = deposit_seen(escrow, amount=amount, reference=reference)
    if deposit.state == State.FINAL:
        return deposit
    escrow = _locked(escrow)
    rewritten(
        Escrow.objects.filter(pk=escrow.pk),
        unconfirmed=escrow.unconfirmed - deposit.amount,
        deposited=escrow.deposited + deposit.amount,
    )
    return _noted(deposit, state=State.FINAL)


@transaction.atomic
def deposit_gone(escrow: Escrow, *, reference: str) -> EscrowDeposit | None:
    """The chain took a deposit back: so do the books, and the escrow is frozen.

    What was spent of it already, the gateway pays; None if there was no such deposit.
    Raises InsufficientFunds when the gateway cannot: then nothing has moved, ask again later.
    """
    escrow = _locked(escrow)
    deposit = EscrowDeposit.objects.filter(reference=reference).first()
    if deposit is None or deposit.state == State.GONE:
        return deposit
    covered = _take_out(
        escrow,
        deposit.amount,
        reference=f"reorg:{deposit.reference}#{deposit.times}",
        kind=Journal.Kind.REORG,
    )
    column = "deposited" if deposit.state == State.FINAL else "unconfirmed"
    left = getattr(escrow, column) - deposit.amount
    rewritten(Escrow.objects.filter(pk=escrow.pk), **{column: left}, state=Escrow.State.FROZEN)
    return _noted(deposit, state=State.GONE, covered=covered)


@transaction.atomic
def claimed(escrow: Escrow, *, total: int) -> Escrow:
    """The chain says that `total` drops of this channel were claimed so far; it never says less."""
    escrow = _locked(escrow)
    if total > escrow.claimed:
        rewritten(Escrow.objects.filter(pk=escrow.pk), claimed=total)
    return _fresh(escrow)


def settled(*, amount: int, reference: str) -> Journal:
    """Claimed coin of any number of channels has arrived in the vault."""
    return ledger.post(
        reference=reference,
        kind=Journal.Kind.CLAIM,
        entries=[
            (ledger.house(Account.Kind.ESCROWS), amount),
            (ledger.house(Account.Kind.VAULT), -amount),
        ],
    )


@transaction.atomic
def withdrawn(escrow: Escrow, *, amount: int, reference: str) -> Escrow:
    """The chain gave `amount` back to the payer: a refund of ours, or the payer's own withdrawal.

    What the payer took although it was charged, the gateway pays. Raises InsufficientFunds
    when it cannot.
    """
    escrow = _locked(escrow)
    if Journal.objects.filter(reference=reference).exists():
        return escrow
    _take_out(escrow, amount, reference=reference, kind=Journal.Kind.WITHDRAWAL)
    rewritten(Escrow.objects.filter(pk=escrow.pk), deposited=escrow.deposited - amount)
    return _fresh(escrow)


def freeze(escrow: Escrow, *, withdraw_at: datetime | None = None) -> None:
    """Take no more vouchers on this escrow; `withdraw_at` says when its payer may take the coin."""
    Escrow.objects.filter(pk=escrow.pk).update(
        state=Escrow.State.FROZEN, withdraw_at=withdraw_at or escrow.withdraw_at
    )


def thaw(escrow: Escrow) -> None:
    """Take vouchers again: the withdrawal is done or was never finished."""
    Escrow.objects.filter(pk=escrow.pk).update(state=Escrow.State.OPEN, withdraw_at=None)


@transaction.atomic
def adopt(escrow: Escrow, user: User) -> None:
    """The person has shown that the escrow is theirs: its payments are in their history from now.

    It keeps to the person's limits, too.
    """
    Account.objects.filter(tab__escrow=escrow).update(owner=user)
    caps.take_over(escrow.tab, user)


def _post_deposit(escrow: Escrow, deposit: EscrowDeposit) -> None:
    """A deposit the gateway once covered gives it back what it paid."""
    again = f"#{deposit.times}" if deposit.times else ""
    legs = [
        (ledger.house(Account.Kind.ESCROWS), -deposit.amount),
        (escrow.tab.account, deposit.amount - deposit.covered),
        (ledger.house(Account.Kind.GATEWAY), deposit.covered),
    ]
    ledger.post(
        reference=f"{deposit.reference}{again}",
        kind=Journal.Kind.DEPOSIT,
        entries=[(account, drops) for account, drops in legs if drops],
    )


def _take_out(escrow: Escrow, amount: int, *, reference: str, kind: Journal.Kind) -> int:
    """Move coin back out of the books; the drops that the gateway had to cover."""
    account = Account.objects.locked().get(pk=escrow.tab.account_id)
    taken = min(amount, account.available)
    legs = [
        (ledger.house(Account.Kind.ESCROWS), amount),
        (account, -taken),
        (ledger.house(Account.Kind.GATEWAY), taken - amount),
    ]
    ledger.post(reference=reference, kind=kind, entries=[leg for leg in legs if leg[1]])
    return amount - taken


def _noted(deposit: EscrowDeposit, **changes: Any) -> EscrowDeposit:
    EscrowDeposit.objects.filter(pk=deposit.pk).update(**changes)
    deposit.refresh_from_db()
    return deposit


def _locked(escrow: Escrow) -> Escrow:
    """The escrow as it is now; whoever holds its tab's lock may change it."""
    ledger.open_book()
    Tab.objects.locked().get(pk=escrow.tab_id)
    return _fresh(escrow)


def _fresh(escrow: Escrow) -> Escrow:
    return Escrow.objects.select_related("tab__account").get(pk=escrow.pk)
