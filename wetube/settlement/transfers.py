"""Transfers of the coin, once they count for good: to people's addresses, and to the vault."""

from django.db import transaction
from django.db.models import F

from wetube.chain import deployment
from wetube.chain.addresses import ZERO
from wetube.chain.models import ChainEvent, SignedTx
from wetube.cloudcoin import ledger, tabs
from wetube.cloudcoin.models import Account, Journal
from wetube.settlement import moves
from wetube.settlement.models import DepositAddress

# What the outbox calls a one-off payment (x402 `exact`) that we carry for its payer.
ONE_OFF = "exact:"


@transaction.atomic
def came(event: ChainEvent) -> None:
    """Coin on a deposit address is its person's; coin sent to the vault is whose who sent it."""
    amount = int(event.args["value"])
    ledger.open_book()
    _count_swept(event, amount)
    row = _receiving(event)
    if row and amount:
        _credit(event, row.account, amount)
        DepositAddress.objects.filter(pk=row.pk).update(received=F("received") + amount)
    elif amount and _is_from_outside(event):
        _credit_sender(event, amount)


@transaction.atomic
def went(event: ChainEvent) -> None:
    """The chain took such a transfer back. Raises InsufficientFunds."""
    amount = int(event.args["value"])
    ledger.open_book()
    _count_swept(event, -amount)
    row, gone = _receiving(event), moves.take_back(moves.name("deposit", event))
    if row and gone:
        DepositAddress.objects.filter(pk=row.pk).update(received=F("received") - amount)


def _credit_sender(event: ChainEvent, amount: int) -> None:
    """What nobody charged for goes back with a payout; a one-off payment has a name of its own,
    under which it may be in the books already."""
    account = tabs.of_wallet(event.args["from"]).account
    sent = SignedTx.objects.filter(hash=event.tx_hash).select_related("tx").first()
    if sent and sent.tx.intent.startswith(ONE_OFF):
        legs = [(ledger.house(Account.Kind.VAULT), -amount), (account, amount)]
        ledger.post(reference=sent.tx.intent, kind=Journal.Kind.DEPOSIT, entries=legs)
    else:
        _credit(event, account, amount)


def _credit(event: ChainEvent, account: Account, amount: int) -> None:
    legs = [(ledger.house(Account.Kind.VAULT), -amount), (account, amount)]
    moves.post(moves.name("deposit", event), Journal.Kind.DEPOSIT, legs)


def _count_swept(event: ChainEvent, amount: int) -> None:
    swept = DepositAddress.objects.filter(address=event.args["from"])
    swept.update(swept=F("swept") + amount)


def _is_from_outside(event: ChainEvent) -> bool:
    """To the vault, and neither a sweep, nor settled from channels, nor new coin."""
    place, sender = deployment.required(), event.args["from"]
    if event.args["to"] != place.vault or sender in (ZERO, place.channels, place.vault):
        return False
    return not DepositAddress.objects.filter(address=sender).exists()


def _receiving(event: ChainEvent) -> DepositAddress | None:
    rows = DepositAddress.objects.select_related("account")
    return rows.filter(address=event.args["to"]).first()
