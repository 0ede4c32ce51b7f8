"""What is left in a channel goes back to its payer, who asks by a voucher that charges nothing.

Nothing may be charged between the claim we sign and its block, so the escrow is frozen first. What
became of it is told to the books by the chain's events, like everything that leaves a channel.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db import transaction
from x402.mechanisms.evm.batch_settlement.authorizer_signer import (
    LocalAuthorizerSigner,
    sign_claim_batch,
    sign_refund,
)
from x402.mechanisms.evm.batch_settlement.types import ChannelConfig, VoucherClaim

from wetube.chain import contracts, events, keys, reading, rpc
from wetube.chain.models import ChainTx
from wetube.cloudcoin import escrows, ledger
from wetube.cloudcoin.models import Escrow, Tab
from wetube.settlement import crediting
from wetube.wire import known, library, payments
from wetube.wire.payments import Signed
from wetube.wire.refusals import (
    ChainUnreachable,
    ChannelFrozen,
    CountMismatch,
    Declined,
    Refused,
    SettlementPending,
    UnknownChannel,
)
from wetube.wire.terms import VOUCHER, Terms

INTENT = "giveback:"
NOTHING_LEFT = "invalid_batch_settlement_evm_refund_no_balance"


class Left(NamedTuple):
    """Drops owed to us, claimed so far, to be given back; and the channel's count of refunds."""

    owed: int
    claimed: int
    amount: int
    nonce: int


def give_back(payload: Mapping[str, Any], asked: Terms) -> dict[str, Any]:
    """Send what is left, or the amount asked for; x402's SettleResponse. Raises Refused."""
    said = payments.signed(payload)
    config = payments.config(payload, asked, said.channel)
    payments.canonical(asked, said, str(config["payerAuthorizer"]))
    escrow = escrows.of(said.channel)
    if escrow is None:
        raise UnknownChannel
    channel = bytes.fromhex(said.channel[2:])
    try:
        balance, claimed = reading.call(contracts.CHANNELS, "channels", channel)
        nonce = int(reading.call(contracts.CHANNELS, "refundNonce", channel))
    except rpc.ChainAway as away:
        raise ChainUnreachable from away
    intent = f"{INTENT}{said.channel}:{nonce}"
    owed = _freeze(escrow, said)
    try:
        amount = _amount(payload, int(balance) - max(owed, int(claimed)))
        enriched = _enriched(escrow, Left(owed, int(claimed), amount, nonce), asked)
        sent = library.settle(VOUCHER, enriched, price=0, asked=asked, intent=intent)
    except SettlementPending:
        raise  # it may still come; `loose_ends` thaws the escrow if it fails
    except Refused:
        if not ChainTx.objects.pending().filter(intent=intent).exists():
            escrows.thaw(escrow)
        raise
    _learn()
    answer = sent.model_dump(by_alias=True, exclude_none=True)
    answer.setdefault("extra", {}).setdefault("channelState", {}).update(
        {"chargedCumulativeAmount": str(owed)}
    )
    return answer


@transaction.atomic
def _freeze(escrow: Escrow, said: Signed) -> int:
    """Stop the till for this channel; what is owed at that moment.

    Raises ChannelFrozen if somebody was first, CountMismatch if the payer's count is another.
    """
    ledger.open_book()
    tab = Tab.objects.locked().get(pk=escrow.tab_id)
    if Escrow.objects.get(pk=escrow.pk).state != Escrow.State.OPEN:
        raise ChannelFrozen
    owed = tab.charged - tab.refunded
    if said.most != owed:
        raise CountMismatch(known.corrections(escrow.channel), f"{said.most} != {owed}")
    escrows.freeze(escrow)
    return owed


def _amount(payload: Mapping[str, Any], left: int) -> int:
    amount = payments.drops(payload["amount"]) if payload.get("amount") is not None else left
    if not 0 < amount <= left:
        raise Declined(NOTHING_LEFT)
    return amount


def _enriched(escrow: Escrow, left: Left, asked: Terms) -> dict[str, Any]:
    """The payload x402's facilitator takes: the claim of what is owed first, then the rest back."""
    amount, nonce = left.amount, left.nonce
    signer = LocalAuthorizerSigner(keys.account("authorizer"))
    config = ChannelConfig.from_dict(escrow.config)
    network = asked.network
    voucher = {
        "channelId": escrow.channel,
        "maxClaimableAmount": str(escrow.signed),
        "signature": f"0x{bytes(escrow.signature).hex()}",
    }
    claims = []
    if left.owed > left.claimed:
        claims = [VoucherClaim(config, str(escrow.signed), voucher["signature"], str(left.owed))]
    return {
        "type": "refund",
        "channelConfig": config.to_dict(),
        "voucher": voucher,
        "amount": str(amount),
        "refundNonce": str(nonce),
        "claims": [claim.to_dict() for claim in claims],
        "refundAuthorizerSignature": sign_refund(signer, escrow.channel, amount, nonce, network),
        **(
            {"claimAuthorizerSignature": sign_claim_batch(signer, claims, network)}
            if claims
            else {}
        ),
    }


def _learn() -> None:
    """Tell the books at once what the chain did; if that fails, the workers do it in a moment."""
    events.sync()
    crediting.credit()
