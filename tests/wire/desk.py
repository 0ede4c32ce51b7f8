"""A counter without a chain: a deployment in the books, one channel with coin, two goods."""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import Hash32

from gateway.seams import Asked
from wetube.chain import keys, vouchers
from wetube.chain.models import Deployment
from wetube.cloudcoin import batch, escrows
from wetube.cloudcoin.models import Escrow
from wetube.cloudcoin.orders import Order
from wetube.people.models import User
from wetube.wire.counter import SiteCounter
from wetube.wire.goods import Good, TopUp
from wetube.wire.terms import WITHDRAW_DELAY, Terms, read

PRICE = 1000
COIN = 1000 * PRICE
WALLET = "0x00000000000000000000000000000000000000A1"


class Shelf:
    """Goods from memory: films a and b, and coin for the balance of who made them."""

    def __init__(self, payee: User, price: int = PRICE) -> None:
        self.payee, self.price = payee, price

    async def find(self, path: str, query: Mapping[str, str]) -> Good | TopUp | None:
        if path == "deposits/alice":
            return TopUp(label="Alice's balance", price=self.price, person=self.payee)
        if path not in {"videos/a", "videos/b"}:
            return None
        return Good(
            label=path,
            price=self.price,
            subject=path.replace("videos/", "video:"),
            payee=self.payee,
            deliver=lambda charge: {"grant": f"for {charge.key}"},
        )


class AtOnce:
    """In place of the till's flusher: each order on the test's own connection."""

    async def submit(self, order: Order) -> None:
        await sync_to_async(batch.settle)([order])


@dataclass
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def required(self) -> Any:
        """The 402's PAYMENT-REQUIRED."""
        return json.loads(b64decode(self.headers["PAYMENT-REQUIRED"]))

    @property
    def paid(self) -> Any:
        """PAYMENT-RESPONSE."""
        return json.loads(b64decode(self.headers["PAYMENT-RESPONSE"]))


@dataclass
class Desk:
    """The counter, and somebody with a session key before it."""

    payee: User
    session: LocalAccount = field(default_factory=Account.create)
    salt: int = 0

    def __post_init__(self) -> None:
        self.terms: Terms = read()
        self.config: dict[str, Any] = {
            "payer": WALLET,
            "payerAuthorizer": self.session.address,
            "receiver": self.terms.vault,
            "receiverAuthorizer": self.terms.authorizer,
            "token": self.terms.token,
            "withdrawDelay": WITHDRAW_DELAY,
            "salt": f"0x{self.salt:064x}",
        }
        self.channel = f"0x{vouchers.channel_id(self.config, self.terms.chain_id).hex()}"
        escrow = escrows.opened(self.channel, self.config)
        escrows.deposit_final(escrow, amount=COIN, reference=f"deposit:{self.channel}:0")
        self.counter = SiteCounter(Shelf(self.payee))

    @property
    def escrow(self) -> Escrow:
        return Escrow.objects.select_related("tab__account").get(channel=self.channel)

    def sign(self, most: int) -> bytes:
        digest = vouchers.digest(self.terms.chain_id, bytes.fromhex(self.channel[2:]), most)
        return bytes(self.session.unsafe_sign_hash(Hash32(digest)).signature)

    def payment(self, most: int, *, signature: bytes | None = None) -> dict[str, Any]:
        """What x402's clients send for a view, to be changed by tests."""
        return {
            "x402Version": 2,
            "accepted": self.terms.requirements("batch-settlement", PRICE),
            "payload": {
                "type": "voucher",
                "channelConfig": self.config,
                "voucher": {
                    "channelId": self.channel,
                    "maxClaimableAmount": str(most),
                    "signature": f"0x{(signature or self.sign(most)).hex()}",
                },
            },
        }

    def ask(self, payment: dict[str, Any] | str | None = None, *, path: str = "videos/a") -> Reply:
        """Ask for a film with this payment, or header."""
        return async_to_sync(self.asking)(payment, path=path)

    async def asking(
        self, payment: dict[str, Any] | str | None = None, *, path: str = "videos/a"
    ) -> Reply:
        header = payment if isinstance(payment, str) or payment is None else packed(payment)
        headers = {"payment-signature": header} if header is not None else {}
        asked = Asked("GET", f"/pay/v1/{path}", {}, headers)
        return Reply(*await self.counter.serve(asked))

    def view(self, number: int, *, path: str = "videos/a") -> Reply:
        """Pay for the number-th view in turn."""
        return self.ask(self.payment(number * PRICE), path=path)


def packed(said: object) -> str:
    return b64encode(json.dumps(said).encode()).decode()


def a_deployment() -> Deployment:
    """Contracts of a chain nobody asks in these tests."""
    keys.create("authorizer")
    names = ("token", "mint", "vault", "channels", "collector")
    places = {name: Account.create().address for name in names}
    return Deployment.objects.create(
        chain_id=1337,
        genesis_hash="0x00",
        first_block=0,
        confirmations=1,
        ready_at="2026-11-23T00:00:00Z",
        **places,
    )
