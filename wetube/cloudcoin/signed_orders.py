"""Charges that are paid by voucher: whether it fits, and whether it came before."""

from collections.abc import Mapping

from wetube.cloudcoin.models import Charge, Escrow, Tab
from wetube.cloudcoin.orders import Order, Voucher
from wetube.cloudcoin.purses import Purse
from wetube.cloudcoin.refusals import ChargeRefused, EscrowFrozen, VoucherMismatch, VoucherNeeded

NEWEST = 20


def reference(purse: Purse, voucher: Voucher) -> str:
    """A voucher pays once; after a refund the same sum may be said again for another charge."""
    return f"voucher:{purse.tab}:{voucher.most}:{purse.refunded}"


def again(purse: Purse, order: Order, fresh: Mapping[str, Charge]) -> Charge | None:
    """The charge this very voucher has paid already, for the same thing; None if it is new.

    Payers whose answer was lost ask again with the voucher they signed.
    """
    voucher = order.voucher
    if voucher is None or voucher.most == purse.owed + order.amount:
        return None
    paid = Charge.objects.standing().filter(tab=purse.tab, subject=order.subject)
    said = f"voucher:{purse.tab}:{voucher.most}:"
    asked = (order.subject, order.amount)
    known: list[Charge] = [*fresh.values(), *paid.order_by("-at")[:NEWEST]]
    for charge in known:
        if charge.reference.startswith(said) and (charge.subject, charge.amount) == asked:
            return charge
    return None


def refusal(purse: Purse, order: Order) -> ChargeRefused | None:
    """Why the voucher does not pay for this; None for tabs that are not signed."""
    if purse.kind != Tab.Kind.SIGNED:
        return None
    if order.voucher is None:
        return VoucherNeeded()
    if purse.state != Escrow.State.OPEN:
        return EscrowFrozen()
    expected = purse.owed + order.amount
    if order.voucher.most != expected:
        return VoucherMismatch(said=order.voucher.most, expected=expected)
    return None
