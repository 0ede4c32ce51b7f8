"""A deployment on paper and a page's signatures made in Python, for tests without a browser."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount
from x402.mechanisms.evm.batch_settlement.encoding import build_erc3009_deposit_nonce

from wetube.chain import keys, vouchers
from wetube.chain.models import Deployment
from wetube.people.models import User
from wetube.wallet import proofs, terms

CHAIN = 31_337
MOVE = [
    {"name": "from", "type": "address"},
    {"name": "to", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "validAfter", "type": "uint256"},
    {"name": "validBefore", "type": "uint256"},
    {"name": "nonce", "type": "bytes32"},
]


def deployment() -> Deployment:
    """The rows and keys of a chain that does not answer."""
    for role in keys.ROLES:
        keys.create(role)
    return Deployment.objects.create(
        chain_id=CHAIN,
        genesis_hash="0x" + "11" * 32,
        token=Account.create().address,
        mint=Account.create().address,
        vault=Account.create().address,
        channels=vouchers.CHANNELS,
        collector=vouchers.COLLECTOR,
        first_block=0,
        confirmations=1,
        ready_at=timezone.now(),
    )


@dataclass
class Page:
    """What a page holds that locks coin: the payer's key, its own session key, a channel."""

    place: Deployment
    payer: LocalAccount = field(default_factory=Account.create)
    session: LocalAccount = field(default_factory=Account.create)
    salt: str = field(default_factory=lambda: "0x" + secrets.token_hex(32))

    @property
    def config(self) -> dict[str, Any]:
        ours = terms.of(self.place)
        return {
            "payer": self.payer.address,
            "payerAuthorizer": self.session.address,
            "receiver": ours["receiver"],
            "receiverAuthorizer": ours["receiverAuthorizer"],
            "token": ours["token"],
            "withdrawDelay": ours["withdrawDelay"],
            "salt": self.salt,
        }

    @property
    def channel(self) -> str:
        return f"0x{vouchers.channel_id(self.config, self.place.chain_id).hex()}"

    def proof(self, user: User) -> str:
        """That the tab is this person's."""
        text = encode_defunct(text=proofs.sentence(user, self.channel))
        return _hex(self.session.sign_message(text).signature)

    def deposit(self, amount: int) -> dict[str, str]:
        salt = "0x" + secrets.token_hex(32)
        values = {
            "from": self.payer.address,
            "to": self.place.collector,
            "value": amount,
            "validAfter": 0,
            "validBefore": 2**40,
            "nonce": build_erc3009_deposit_nonce(self.channel, salt),
        }
        return {
            "amount": str(amount),
            "validAfter": "0",
            "validBefore": str(2**40),
            "salt": salt,
            "signature": self._signed("ReceiveWithAuthorization", values),
        }

    def transfer(self, to: str, amount: int) -> dict[str, str]:
        values = {
            "from": self.payer.address,
            "to": to,
            "value": amount,
            "validAfter": 0,
            "validBefore": 2**40,
            "nonce": "0x" + secrets.token_hex(32),
        }
        said = {name: str(value) for name, value in values.items()}
        return {**said, "signature": self._signed("TransferWithAuthorization", values)}

    def _signed(self, struct: str, values: dict[str, Any]) -> str:
        domain = {
            "name": "Cloudcoin",
            "version": "1",
            "chainId": self.place.chain_id,
            "verifyingContract": self.place.token,
        }
        message = encode_typed_data(
            domain_data=domain, message_types={struct: MOVE}, message_data=values
        )
        return _hex(self.payer.sign_message(message).signature)


def _hex(signature: bytes) -> str:
    return f"0x{bytes(signature).hex()}"
