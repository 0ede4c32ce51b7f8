"""Spending: a token pays a charge on the one tab all blind tokens share."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from wetube.cloudcoin import refunds, tabs, till
from wetube.cloudcoin.models import Charge
from wetube.people.models import User
from wetube.tokens import inputs, outputs, texts
from wetube.tokens.inputs import Token
from wetube.tokens.models import BlindSignature, Quote
from wetube.tokens.outputs import Output
from wetube.tokens.refusals import AlreadySpent, WrongAmount


@dataclass(frozen=True)
class Bill:
    """What is to be paid: `price` drops to `payee` for `subject`; `label` says it for people."""

    payee: User
    price: int
    subject: str
    label: str = ""
    kind: Charge.Kind = Charge.Kind.VIEW


@dataclass(frozen=True)
class Paid:
    """The charge, and signatures over what was given too much."""

    charge: Charge
    change: list[BlindSignature]

    @property
    def change_text(self) -> str:
        """The change as it travels in the header X-Cashu-Change; "" when there is none."""
        said = [as_json(each) for each in self.change]
        return texts.encoded(json.dumps(said).encode()) if said else ""


def pay(token: str, bill: Bill, *, blank: str = "", retry: str = "") -> Paid:
    """Pay a bill with the token of an X-Cashu header, in one transaction: all of it or nothing.

    A token worth more needs `blank` outputs for the change (X-Cashu-Outputs: a JSON list under
    base64); without them its worth must be the price. `retry` is a word the payer makes up
    (Idempotency-Key): the same token, bill and word again give the same answer for as long as a
    payment lets in. Without the word a token is refused the second time.
    Raises TokenRefused, whose `status` and `code` say what to answer, and till.ChargeRefused.
    """
    given = texts.read(token)
    wanted = _change(given, bill.price, blank)
    reference = _reference(given, retry)
    known = _paid_before(reference, bill, wanted) if retry else None
    if known:
        return known
    inputs.verify(given)
    change = outputs.sign(wanted)
    try:
        return _pay(given, bill, change, reference)
    except AlreadySpent:
        known = _paid_before(reference, bill, wanted) if retry else None
        if known:  # by the same request, a moment ago
            return known
        raise


def refund(charge: Charge, *, reason: str) -> Quote:
    """Give back a charge paid with tokens: a paid quote, for whoever is given its key to mint.

    A second asking returns the same quote. Raises InsufficientFunds as refunds.refund does.
    """
    with transaction.atomic():
        made = refunds.refund(charge, reason=reason)
        fields = {
            "kind": Quote.Kind.MINT,
            "state": Quote.State.PAID,
            "amount": charge.amount,
            "expires_at": timezone.now(),
        }
        return Quote.objects.get_or_create(refund=made, defaults=fields)[0]


def as_json(signature: BlindSignature) -> dict[str, object]:
    """A signature as the NUTs write it."""
    return {
        "amount": signature.amount,
        "id": signature.keyset.key,
        "C_": signature.signature,
        "dleq": {"e": signature.e, "s": signature.s},
    }


@transaction.atomic
def _pay(given: Sequence[Token], bill: Bill, change: list[BlindSignature], reference: str) -> Paid:
    inputs.spend(given)
    outputs.keep(change)
    charge = till.charge_tab(
        tabs.of_tokens(),
        payee=bill.payee,
        amount=bill.price,
        reference=reference,
        subject=bill.subject,
        label=bill.label,
        kind=bill.kind,
    )
    return Paid(charge, change)


def _change(given: Sequence[Token], price: int, blank: str) -> list[Output]:
    over = inputs.total(given) - price
    if over < 0 or (over and not blank):
        raise WrongAmount(given=inputs.total(given), price=price)
    return outputs.filled(outputs.read(texts.listed(blank)), over) if over else []


def _reference(given: Sequence[Token], retry: str) -> str:
    """Names this payment and no other; says nothing to who has not seen the token."""
    said = "".join(sorted(token.y for token in given)) + retry
    return f"tokens:{sha256(said.encode()).hexdigest()}"


def _paid_before(reference: str, bill: Bill, wanted: Sequence[Output]) -> Paid | None:
    """The answer of the first asking, while it lets in."""
    since = timezone.now() - timedelta(hours=settings.PAID_HOURS)
    same = Charge.objects.standing().filter(reference=reference, at__gte=since)
    made = same.filter(subject=bill.subject, amount=bill.price).first()
    return Paid(made, outputs.signed_before(wanted)) if made else None
