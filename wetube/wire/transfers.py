"""One-off payments (x402 `exact`): a signed transfer to the vault buys one thing."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from wetube.chain import addresses
from wetube.chain.models import ChainTx
from wetube.cloudcoin import ledger, tabs, till
from wetube.cloudcoin.models import Charge
from wetube.wire import intents, library, payments
from wetube.wire.goods import Good
from wetube.wire.refusals import (
    BadSignature,
    Declined,
    Malformed,
    OwnGoods,
    SettlementPending,
    WrongPayee,
)
from wetube.wire.terms import TRANSFER, Terms

OVER = (ChainTx.State.MINED, ChainTx.State.FINAL)


def buy(good: Good, payload: Mapping[str, Any], asked: Terms) -> tuple[Charge, dict[str, Any]]:
    """Send the payer's transfer, book it and charge for the good; each once, however often asked.

    Returns the charge and x402's SettleResponse. Raises Refused; with SettlementPending the same
    payment may be sent again, to hear how it went.
    """
    authorization = _authorization(payload, asked)
    payer = _address(authorization.get("from"))
    intent = intents.of_transfer(payer, payments.octets(authorization.get("nonce")))
    if not ChainTx.objects.filter(intent=intent).exists():
        signature = library.canonical(payload.get("signature"))
        said = {"authorization": authorization, "signature": signature}
        library.settle(TRANSFER, said, price=good.price, asked=asked, intent=intent)
    else:
        library.wait(intent)
    tx = _sent(intent, good.price)
    try:
        charge = _charge(good, intent, payer)
    except till.SelfPayment as no:
        raise OwnGoods(str(no)) from no
    except till.ChargeRefused as no:
        raise Declined("payment_spent", str(no)) from no
    return charge, {
        "success": True,
        "payer": payer,
        "transaction": tx.hash,
        "network": asked.network,
        "amount": str(good.price),
    }


@transaction.atomic
def _charge(good: Good, intent: str, payer: str) -> Charge:
    ledger.account_of(good.payee)
    intents.book(intent, payer, good.price)
    return till.charge_tab(
        tabs.of_wallet(payer),
        payee=good.payee,
        amount=good.price,
        reference=intent,
        subject=good.subject,
        label=good.label,
        kind=Charge.Kind.PURCHASE if good.kind == Charge.Kind.VIEW else good.kind,
    )


def _sent(intent: str, price: int) -> ChainTx:
    """The transaction, once it counts: in a block, and final if it is much that may still go."""
    tx = ChainTx.objects.get(intent=intent)
    if tx.state in (ChainTx.State.FAILED, ChainTx.State.REPLACED):
        raise Declined("invalid_exact_evm_transaction_failed", tx.error)
    counts = OVER if price <= settings.UNCONFIRMED_EXPOSURE else OVER[1:]
    if tx.state not in counts:
        raise SettlementPending(tx.hash)
    return tx


def _authorization(payload: Mapping[str, Any], asked: Terms) -> dict[str, Any]:
    """Raises Malformed and WrongPayee."""
    said = payload.get("authorization")
    if not isinstance(said, dict) or not all(isinstance(part, str) for part in said.values()):
        raise Malformed
    for name in ("value", "validAfter", "validBefore"):
        payments.drops(said.get(name))
    if str(said.get("to")).lower() != asked.vault.lower():
        raise WrongPayee
    return said


def _address(said: object) -> str:
    try:
        return addresses.checksummed(addresses.raw(str(said)))
    except ValueError as error:
        raise BadSignature from error
