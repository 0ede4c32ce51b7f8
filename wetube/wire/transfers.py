"""One-off payments (x402 `exact`): a signed transfer to the vault buys one thing, or tops up."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wetube.chain import addresses
from wetube.chain.models import ChainTx
from wetube.cloudcoin import ledger, tabs, till
from wetube.cloudcoin.models import Charge
from wetube.wire import bookings, intents, library, payments
from wetube.wire.goods import Good, TopUp
from wetube.wire.refusals import (
    BadSignature,
    Declined,
    Malformed,
    OwnGoods,
    PriceChanged,
    SettlementPending,
    WrongPayee,
)
from wetube.wire.terms import TRANSFER, Terms

SPENT = "payment_spent"
# What was signed stands on the chain for all to see: whoever lost the answer asks again soon.
ANSWERED_AGAIN = timedelta(minutes=10)
OVER = (ChainTx.State.MINED, ChainTx.State.FINAL)


def buy(good: Good, payload: Mapping[str, Any], asked: Terms) -> tuple[Charge, dict[str, Any]]:
    """Send the payer's transfer, book it and charge for the good; each once, however often asked.

    Returns the charge and x402's SettleResponse. Raises Refused; with SettlementPending the same
    payment may be sent again, to hear how it went.
    """
    tx, settled = _send(payload, price=good.price, subject=good.subject, asked=asked)
    try:
        charge = _charge(good, tx.intent, settled["payer"])
    except till.SelfPayment as no:
        raise OwnGoods(str(no)) from no
    except till.ChargeRefused as no:
        raise Declined(SPENT, str(no)) from no
    if charge.at < timezone.now() - ANSWERED_AGAIN:
        raise Declined(SPENT)
    return charge, settled


def top_up(
    offer: TopUp, payload: Mapping[str, Any], asked: Terms
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Send the payer's transfer and put it into the person's balance, whole; each once.

    Returns what is said to the payer, and x402's SettleResponse. Raises Refused, as `buy`.
    """
    account = ledger.account_of(offer.person)
    subject = bookings.subject_of(account)
    tx, settled = _send(payload, price=offer.price, subject=subject, asked=asked)
    try:
        bookings.top_up(tx.intent, settled["payer"], offer.price, account)
    except till.ChargeRefused as no:  # nobody asked for long, and the payer has it back
        raise Declined(SPENT, str(no)) from no
    return {"account": account.key, "deposited": str(offer.price)}, settled


def _send(
    payload: Mapping[str, Any], *, price: int, subject: str, asked: Terms
) -> tuple[ChainTx, dict[str, Any]]:
    """Bring the payer's transfer of `price` to the chain, once however often it is asked.

    Returns the transaction, which counts by now, and x402's SettleResponse. Raises Refused.
    """
    authorization = _authorization(payload, asked)
    if payments.drops(authorization.get("value")) != price:
        raise PriceChanged
    payer = _address(authorization.get("from"))
    signature = library.canonical(payload.get("signature"))
    nonce = payments.octets(authorization.get("nonce"))
    intent = intents.of_transfer(payer, nonce, subject)
    before = ChainTx.objects.filter(intent=intent).first()
    if before is None:
        said = {"authorization": authorization, "signature": signature}
        library.settle(TRANSFER, said, price=price, asked=asked, intent=intent)
    else:
        _assert_same(before, price, signature)
        library.wait(intent)
    tx = _sent(intent, price)
    return tx, {
        "success": True,
        "payer": payer,
        "transaction": tx.hash,
        "network": asked.network,
        "amount": str(price),
    }


def _assert_same(sent: ChainTx, price: int, signature: str) -> None:
    """What was sent under this name moves this much, by this signature.

    Raises PriceChanged and BadSignature.
    """
    if int(sent.args[2]) != price:
        raise PriceChanged
    r_and_s = bytes.fromhex(signature[2:])[:64]
    if r_and_s not in bytes(sent.data):
        raise BadSignature


@transaction.atomic
def _charge(good: Good, intent: str, payer: str) -> Charge:
    ledger.account_of(good.payee)
    bookings.book(intent, payer, good.price)
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
    undone = (ChainTx.State.FAILED, ChainTx.State.REPLACED)
    if tx.state in undone or tx.succeeded is False:
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
