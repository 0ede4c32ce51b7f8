"""A deposit that opens or fills a channel, and brings its first voucher along.

The relayer pays the gas. The coin is in the books as soon as a block holds it; the chain's
followers find the same deposit under the same reference, and make it final.
"""

from collections.abc import Mapping
from typing import Any

from wetube.chain import addresses, deployment, logs
from wetube.chain.models import ChainTx
from wetube.cloudcoin import escrows
from wetube.cloudcoin.models import Escrow
from wetube.wire import intents, known, library, payments
from wetube.wire.payments import Signed
from wetube.wire.refusals import (
    ChannelFrozen,
    CountMismatch,
    Declined,
    Malformed,
    SettlementPending,
)
from wetube.wire.terms import VOUCHER, Terms

LEAST = 5  # prices: below, the gas for it would be worth more than the coin
TOO_SMALL = "invalid_batch_settlement_evm_deposit_below_min_deposit"


def make(payload: Mapping[str, Any], *, price: int, asked: Terms) -> str:
    """Put the coin into the channel, once however often it is asked for; the transaction's hash.

    Everything that can be known without the chain is checked first. Raises Refused; with
    SettlementPending the same payment may be sent again, to hear how it went.
    """
    said = payments.signed(payload)
    config = payments.config(payload, asked, said.channel)
    signature = payments.canonical(asked, said, str(config["payerAuthorizer"]))
    deposit, authorization = _parts(payload)
    amount = payments.drops(deposit.get("amount"))
    intent = intents.of_deposit(said.channel, payments.octets(authorization.get("salt")))
    if not ChainTx.objects.filter(intent=intent).exists():
        _check(said, price, amount)
        canonical = {
            "type": "deposit",
            "channelConfig": config,
            "voucher": {
                "channelId": said.channel,
                "maxClaimableAmount": str(said.most),
                "signature": f"0x{signature.hex()}",
            },
            "deposit": {
                "amount": str(amount),
                "authorization": {
                    "erc3009Authorization": {
                        **authorization,
                        "signature": library.canonical(authorization.get("signature")),
                    }
                },
            },
        }
        library.settle(VOUCHER, canonical, price=price, asked=asked, intent=intent)
    else:
        library.wait(intent)
    return _book(intent, said, config)


def _check(said: Signed, price: int, amount: int) -> None:
    """Before coin moves: the voucher continues the count, and the channel takes coin."""
    if amount < LEAST * price:
        raise Declined(TOO_SMALL)
    escrow = escrows.of(said.channel)
    owed = escrow.tab.charged - escrow.tab.refunded if escrow else 0
    if escrow and escrow.state != Escrow.State.OPEN:
        raise ChannelFrozen
    if said.most != owed + price:
        state = known.corrections(said.channel) if escrow else {}
        raise CountMismatch(state, f"{said.most} != {owed} + {price}")


def _book(intent: str, said: Signed, config: Mapping[str, Any]) -> str:
    """Note the coin in the escrow, from the transaction's own logs."""
    tx = ChainTx.objects.get(intent=intent)
    if tx.state == ChainTx.State.FAILED:
        raise Declined("invalid_batch_settlement_evm_deposit_transaction_failed", tx.error)
    if tx.state not in (ChainTx.State.MINED, ChainTx.State.FINAL):
        raise SettlementPending(tx.hash)
    escrow = escrows.opened(said.channel, _plain(config))
    for log in logs.in_block(deployment.required(), tx.block_hash):
        if (log.tx_hash, log.name, log.args.get("channelId")) == (
            tx.hash,
            "Deposited",
            said.channel,
        ):
            escrows.deposit_seen(
                escrow,
                amount=int(log.args["amount"]),
                reference=f"deposit:{tx.hash}:{log.log_index}",
            )
    return tx.hash


def _parts(payload: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The deposit and its EIP-3009 authorization; raises Malformed."""
    deposit = payload.get("deposit")
    authorization = deposit.get("authorization") if isinstance(deposit, dict) else None
    signed = authorization.get("erc3009Authorization") if isinstance(authorization, dict) else None
    if not isinstance(deposit, dict) or not isinstance(signed, dict):
        raise Malformed
    return deposit, signed


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """As the chain's own events have it: addresses with their checksum."""
    parties = ("payer", "payerAuthorizer", "receiver", "receiverAuthorizer", "token")
    return {
        **{name: addresses.checksummed(addresses.raw(config[name])) for name in parties},
        "withdrawDelay": int(config["withdrawDelay"]),
        "salt": str(config["salt"]).lower(),
    }
