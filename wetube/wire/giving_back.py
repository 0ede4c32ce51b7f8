"""What is left in a channel goes back to its payer, who asks by a voucher that charges nothing.

Nothing may be charged between the claim we sign and its block, so the escrow is frozen first. What
became of it is told to the books by the chain's events, like everything that leaves a channel.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
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
from wetube.wire import intents, known, library, payments
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

ASKED_AGAIN_WITHIN = timedelta(minutes=10)
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
    before = _sent_before(said.channel)
    if before and before.state in (ChainTx.State.BUILT, ChainTx.State.SENT):
        library.wait(before.intent)
    balance, claimed, nonce = _on_chain(said.channel)
    if before and balance <= claimed:
        return _answer(escrow, asked, before)
    intent = intents.of_giving_back(said.channel, nonce)
    owed = _freeze(escrow, said)
    try:
        amount = _amount(payload, balance - max(owed, claimed))
        enriched = _enriched(escrow, Left(owed, claimed, amount, nonce), asked)
        library.settle(VOUCHER, enriched, price=0, asked=asked, intent=intent)
    except SettlementPending:
        raise  # it may still come; `loose_ends` thaws the escrow if it fails
    except Refused:
        if not ChainTx.objects.pending().filter(intent=intent).exists():
            escrows.thaw(escrow)
        raise
    return _answer(escrow, asked, ChainTx.objects.get(intent=intent))


def _sent_before(channel: str) -> ChainTx | None:
    """The refund of a payer who asks again, because the answer was late or lost."""
    sent = ChainTx.objects.filter(
        intent__startswith=f"{intents.GIVING_BACK}{channel}:",
        made_at__gt=timezone.now() - ASKED_AGAIN_WITHIN,
    )
    return sent.exclude(state__in=("failed", "replaced")).order_by("-pk").first()


def _on_chain(channel: str) -> tuple[int, int, int]:
    """Balance, what was claimed, count of refunds."""
    name = bytes.fromhex(channel[2:])
    try:
        balance, claimed = reading.call(contracts.CHANNELS, "channels", name)
        nonce = reading.call(contracts.CHANNELS, "refundNonce", name)
    except rpc.ChainAway as away:
        raise ChainUnreachable from away
    return int(balance), int(claimed), int(nonce)


def _answer(escrow: Escrow, asked: Terms, tx: ChainTx) -> dict[str, Any]:
    """x402's SettleResponse; the books hear of it at once, or from the workers in a moment."""
    events.sync()
    crediting.credit()
    balance, claimed, nonce = _on_chain(escrow.channel)
    tab = Tab.objects.get(pk=escrow.tab_id)
    return {
        "success": True,
        "payer": escrow.payer,
        "transaction": tx.hash,
        "network": asked.network,
        "amount": "",
        "extra": {
            "channelState": {
                "channelId": escrow.channel,
                "balance": str(balance),
                "totalClaimed": str(claimed),
                "withdrawRequestedAt": 0,
                "refundNonce": str(nonce),
                "chargedCumulativeAmount": str(tab.charged - tab.refunded),
            }
        },
    }


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
    intents.close(intents.failed_refunds(f"{escrow.channel}:"))
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
