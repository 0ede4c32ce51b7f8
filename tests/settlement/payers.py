"""Payers with a wallet of their own: channels opened on chain, vouchers signed, coin taken back."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import encode
from eth_account import Account as Keys
from eth_account.signers.local import LocalAccount
from eth_typing import Hash32

from tests.chains.servers import TestChain
from tests.settlement import onchain
from wetube.chain import deployment, keys, vouchers
from wetube.chain.hashing import keccak
from wetube.cloudcoin import ledger, till
from wetube.cloudcoin.models import Account, Charge, Escrow, Tab
from wetube.people.models import User
from wetube.settlement import epochs, payouts, posting, pushing, withdrawals
from wetube.settlement.models import Withdrawal

DELAY = 86_400
FOREVER = 2**40 - 1
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


def with_coin(chain: TestChain, amount: int) -> LocalAccount:
    """A wallet with coin, paid out of the vault like all coin is."""
    epochs.advance()
    onchain.idle()
    wallet = onchain.wallet(chain)
    asked = withdrawals.ask_from(
        ledger.house(Account.Kind.ISSUANCE), amount=amount, address=wallet.address, push=True
    )
    paid_out(asked)
    return wallet


def paid_out(*asked: Withdrawal) -> None:
    """Have these paid, as the jobs do it when their turn comes."""
    long_ago = payouts.turn().replace(year=2020)
    Withdrawal.objects.filter(pk__in=[one.pk for one in asked]).update(asked_at=long_ago)
    root = posting.pay_out()
    assert root
    onchain.idle()
    # The turn is over: the next root may come at once.
    type(root).objects.update(made_at=long_ago)
    pushing.push()
    onchain.idle()
    for one in asked:
        one.refresh_from_db()
        assert one.state == "paid"


@dataclass
class Payer:
    """One channel: a wallet with coin, and a session key that signs its vouchers."""

    chain: TestChain
    wallet: LocalAccount
    session: LocalAccount = field(default_factory=Keys.create)
    salt: str = field(default_factory=lambda: f"0x{secrets.token_hex(32)}")

    @property
    def config(self) -> dict[str, Any]:
        place = deployment.required()
        return {
            "payer": self.wallet.address,
            "payerAuthorizer": self.session.address,
            "receiver": place.vault,
            "receiverAuthorizer": keys.address("authorizer"),
            "token": place.token,
            "withdrawDelay": DELAY,
            "salt": self.salt,
        }

    @property
    def channel(self) -> str:
        place = deployment.required()
        return f"0x{vouchers.channel_id(self.config, place.chain_id).hex()}"

    @property
    def escrow(self) -> Escrow:
        return Escrow.objects.select_related("tab__account").get(channel=self.channel)

    def deposit(self, amount: int) -> str:
        """Lock coin; the transaction's hash."""
        place = deployment.required()
        salt = secrets.randbits(200)
        channel = bytes.fromhex(self.channel[2:])
        nonce = keccak(encode(["bytes32", "uint256"], [channel, salt]))
        message = {
            "from": self.wallet.address, "to": place.collector, "value": amount,
            "validAfter": 0, "validBefore": FOREVER, "nonce": nonce,
        }  # fmt: skip
        domain = {
            "name": "Cloudcoin", "version": "1",
            "chainId": place.chain_id, "verifyingContract": place.token,
        }  # fmt: skip
        signed = self.wallet.sign_typed_data(domain, AUTHORIZATION, message)
        data = encode(
            ["uint256", "uint256", "uint256", "bytes"],
            [0, FOREVER, salt, bytes(signed.signature)],
        )
        return self._call("deposit", self.config, amount, place.collector, data)

    def view(self, payee: User, amount: int) -> Charge:
        """Pay for a view with the next voucher."""
        tab = Tab.objects.get(escrow__channel=self.channel)
        most = tab.charged - tab.refunded + amount
        digest = vouchers.digest(
            deployment.required().chain_id, bytes.fromhex(self.channel[2:]), most
        )
        voucher = till.Voucher(most, bytes(self.session.unsafe_sign_hash(Hash32(digest)).signature))
        return till.charge_voucher(tab, voucher, payee=payee, amount=amount, subject="video:one")

    def begin_to_leave(self, amount: int) -> str:
        return self._call("initiateWithdraw", self.config, amount)

    def leave(self) -> str:
        """After the delay."""
        return self._call("finalizeWithdraw", self.config)

    def _call(self, function: str, *args: object) -> str:
        return onchain.call(self.chain, self.wallet, "BatchSettlement", function, *args)


def opened(chain: TestChain, wallet: LocalAccount, amount: int) -> Payer:
    """A channel with coin in it that the books know."""
    payer = Payer(chain, wallet)
    payer.deposit(amount)
    onchain.idle()
    assert payer.escrow.deposited == amount
    return payer
