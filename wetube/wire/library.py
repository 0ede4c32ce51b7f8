"""Handing a payment to x402's library: what it gets is checked and canonical, what it says is ours.

x402's Python server takes signatures that contracts refuse (research/payments.md §1.6-0), so
every signature is rewritten before it sees one.
"""

import time
from collections.abc import Mapping
from typing import Any, cast

from pydantic import ValidationError
from x402.mechanisms.evm.batch_settlement.facilitator import BatchSettlementEvmFacilitator
from x402.mechanisms.evm.constants import ERR_SETTLEMENT_PENDING
from x402.mechanisms.evm.exact.facilitator import ExactEvmScheme
from x402.mechanisms.evm.signer import FacilitatorEvmSigner
from x402.schemas import PaymentPayload, PaymentRequirements, SettleResponse

from wetube.chain import signatures
from wetube.chain.rpc import ChainAway
from wetube.wire import payments, terms
from wetube.wire.hand import Hand, NotSent, TooLong
from wetube.wire.refusals import (
    BadSignature,
    ChainUnreachable,
    Declined,
    Malformed,
    SettlementPending,
)
from wetube.wire.terms import Terms

PATIENCE = 2.4  # seconds until a payment on its way is answered with settlement_pending
BROKEN = (KeyError, TypeError, ValueError, AttributeError, AssertionError, OverflowError)

SCHEMES = {terms.VOUCHER: BatchSettlementEvmFacilitator, terms.TRANSFER: ExactEvmScheme}


def settle(
    scheme: str, payload: Mapping[str, Any], *, price: int, asked: Terms, intent: str
) -> SettleResponse:
    """Check the payment and send its transaction, named by `intent`; wait until it is in a block.

    Raises Malformed, Declined, ChainUnreachable and SettlementPending.
    """
    hand = Hand(intent, until=time.monotonic() + PATIENCE)
    requirements = PaymentRequirements.model_validate(asked.requirements(scheme, price))
    try:
        payment = PaymentPayload(payload=dict(payload), accepted=requirements)
        facilitator = SCHEMES[scheme](cast("FacilitatorEvmSigner", hand))
        said = _checked(facilitator, payment, requirements)
        if said is None:
            return _done(facilitator.settle(payment, requirements), hand)
    except ValidationError as error:
        raise Malformed from error
    except BROKEN as error:
        raise Malformed from error
    return _done(said, hand)


def wait(intent: str) -> None:
    """Until the transaction sent before is in a block; raises SettlementPending and Declined."""
    hand = Hand(intent, until=time.monotonic() + PATIENCE)
    try:
        hand.wait_for_transaction_receipt("")
    except (TooLong, ChainAway) as late:
        raise SettlementPending from late
    except NotSent as no:
        raise Declined("transaction_failed", str(no)) from no


def _checked(
    facilitator: Any, payment: PaymentPayload, requirements: PaymentRequirements
) -> SettleResponse | None:
    """The refusal, if the library would not settle this. Refunds are checked by us alone."""
    if payment.payload.get("type") == "refund":
        return None
    found = facilitator.verify(payment, requirements)
    if found.is_valid:
        return None
    return SettleResponse(
        success=False,
        error_reason=found.invalid_reason,
        error_message=found.invalid_message,
        transaction="",
        network=requirements.network,
    )


def _done(said: SettleResponse, hand: Hand) -> SettleResponse:
    if said.success:
        return said
    if said.error_reason == ERR_SETTLEMENT_PENDING:
        raise SettlementPending(said.transaction)
    if hand.away:
        raise ChainUnreachable
    raise Declined(said.error_reason or "declined")


def canonical(said: object) -> str:
    """A signature in the one form contracts take; raises Malformed and BadSignature."""
    try:
        return f"0x{signatures.canonical(payments.octets(said, most=400)).hex()}"
    except signatures.BadSignature as error:
        raise BadSignature from error
