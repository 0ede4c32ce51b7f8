"""Charges that are paid by voucher: whether it fits, and whether it came before."""

from collections.abc import Iterable

from wetube.cloudcoin.appending import Line
from wetube.cloudcoin.models import Charge, Escrow, Tab
from wetube.cloudcoin.orders import Order, Voucher
from wetube.cloudcoin.purses import Purse
from wetube.cloudcoin.refusals import ChargeRefused, EscrowFrozen, VoucherMismatch, VoucherNeeded

NEWEST = 50  # charges of a tab among which a repeated voucher is looked for


def reference(key: str, voucher: Voucher) -> str:
    """Names the charge, too: references that begin alike are written side by side.

    After a refund a payer may say the same sum again, for another charge; so the sum alone
    would not do.
    """
    return f"voucher:{key}:{voucher.most}"


def again(purse: Purse, order: Order, fresh: Iterable[Line]) -> Charge | Line | None:
    """The charge this very voucher has paid already, for the same thing; None if it is new.

    Payers whose answer was lost ask again with the voucher they signed.
    """
    voucher = order.voucher
    if voucher is None or voucher.most == purse.owed + order.amount:
        return None
    written = Charge.objects.standing().filter(tab=purse.tab).order_by("-cumulative")
    known: list[Charge | Line] = [*fresh, *written[:NEWEST]]
    asked = (purse.tab, order.subject, order.amount)
    for charge in known:
        same = (charge.tab_id, charge.subject, charge.amount) == asked
        if same and charge.reference == reference(charge.key, voucher):
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
