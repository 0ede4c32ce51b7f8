"""Opens a payment channel as a stock client would: signed by its payer, sent by anybody."""

import secrets
from typing import Any

from eth_abi.abi import encode
from eth_account.signers.local import LocalAccount

from tests.chains.servers import TestChain
from wetube.chain import contracts, vouchers
from wetube.chain.hashing import keccak
from wetube.chain.models import Deployment

FOREVER = 2**64
AUTHORIZATION = {
    "ReceiveWithAuthorization": [
        {"name": "from", "type": "address"},
        {"name": "to", "type": "address"},
        {"name": "value", "type": "uint256"},
        {"name": "validAfter", "type": "uint256"},
        {"name": "validBefore", "type": "uint256"},
        {"name": "nonce", "type": "bytes32"},
    ]
}


def open_one(
    chain: TestChain, where: Deployment, payer: LocalAccount, *, receiver: str, drops: int = 100
) -> str:
    """The channel's id, as 0x and digits."""
    config = {
        **dict.fromkeys(("payer", "payerAuthorizer", "receiverAuthorizer"), payer.address),
        "receiver": receiver,
        "token": where.token,
        "withdrawDelay": 86_400,
        "salt": "0x" + secrets.token_bytes(32).hex(),
    }
    channel = vouchers.channel_id(config, where.chain_id)
    collected = encode(
        ["uint256", "uint256", "uint256", "bytes"],
        [0, FOREVER, 1, _authorize(where, payer, channel, drops)],
    )
    deposit = contracts.call(contracts.CHANNELS, "deposit", 4)
    data = deposit.encode([config, drops, where.collector, collected])
    receipt = chain.send(payer, to=where.channels, data=data)
    assert int(receipt["status"], 16) == 1
    return "0x" + channel.hex()


def _authorize(where: Deployment, payer: LocalAccount, channel: bytes, drops: int) -> bytes:
    domain: dict[str, Any] = {
        "name": "Cloudcoin",
        "version": "1",
        "chainId": where.chain_id,
        "verifyingContract": where.token,
    }
    message = {
        "from": payer.address,
        "to": where.collector,
        "value": drops,
        "validAfter": 0,
        "validBefore": FOREVER,
        "nonce": keccak(encode(["bytes32", "uint256"], [channel, 1])),
    }
    return bytes(payer.sign_typed_data(domain, AUTHORIZATION, message).signature)
