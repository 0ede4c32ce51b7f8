"""The counter: what the gateway passes on from /pay/… and /rpc, from the first byte to the answer.

Who brings no payment is told the price (402). A voucher goes the fast way and leaves the event
loop only to be written down; what moves coin on chain goes the slow one.
"""

import logging
from contextlib import suppress
from typing import NoReturn

from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from wetube.wire import answers, by_token, payments, tabs
from wetube.wire.answers import Answer
from wetube.wire.chain_door import ChainDoor
from wetube.wire.goods import Good, Goods, Offer, Remembered, TopUp
from wetube.wire.known import Channels
from wetube.wire.on_chain import OnChain
from wetube.wire.payments import Payment
from wetube.wire.refusals import (
    BooksUnavailable,
    NoChain,
    NotForSale,
    PaymentNeeded,
    Refused,
    WrongScheme,
)
from wetube.wire.sales import Asked, Sale
from wetube.wire.terms import CurrentTerms, Terms

logger = logging.getLogger(__name__)

SHELF = "/pay/v1/"
BACK = "tab"  # where coin is only given back
LOOKED_UP = 2.0  # seconds a good's price may be old


class SiteCounter:
    """The gateway's Counter, selling `goods`."""

    def __init__(self, goods: Goods) -> None:
        self._goods = Remembered(goods, seconds=LOOKED_UP)
        self._terms = CurrentTerms()
        self._channels = Channels()
        self._on_chain = OnChain()
        self._door = ChainDoor()

    async def serve(self, asked: Asked) -> Answer:
        """Status, headers and body; whatever is wrong is an answer, too."""
        if asked.path == "/rpc":
            return 200, answers.JSON, await self._door.answer(asked.body)
        sale = Sale(asked)
        try:
            return await self._sell(sale)
        except Refused as refusal:
            return sale.refused(refusal)
        except DatabaseError:
            logger.exception("The books take nothing in")
            return sale.refused(BooksUnavailable())

    async def _sell(self, sale: Sale) -> Answer:
        offer = sale.offer = await self._find(sale.asked)
        if sale.header(by_token.TOKEN) and isinstance(offer, Good):
            return await self._by_token(offer, sale)
        header = sale.header("payment-signature")
        if not header and isinstance(offer, Good):
            await self._say_the_price(sale)
        terms = sale.terms = await self._terms.get()
        if not header:
            raise PaymentNeeded
        payment = payments.read(header)
        payments.agree(payment, terms, offer.price)
        if payment.kind == "refund":
            settled = await self._on_chain.give_back(payment, terms)
            return answers.acknowledged({"message": "Refund acknowledged"}, settled)
        if isinstance(offer, TopUp) and payment.kind == "exact":
            body, settled = await self._on_chain.top_up(offer, payment, terms)
            return answers.acknowledged(body, settled)
        if not isinstance(offer, Good):
            raise WrongScheme
        if payment.kind == "exact":
            charge, settled = await self._on_chain.transfer(offer, payment, terms)
            return answers.delivered(offer, charge, settled)
        return await self._by_voucher(offer, payment, terms)

    async def _say_the_price(self, sale: Sale) -> NoReturn:
        """Raises PaymentNeeded; without a chain it can still be paid, with tokens."""
        with suppress(NoChain):
            sale.terms = await self._terms.get()
            self._on_chain.warm()
        raise PaymentNeeded

    async def _find(self, asked: Asked) -> Offer:
        path = asked.path.removeprefix(SHELF)
        if path == BACK:
            return Offer(label=_("What is left of locked coin"), price=0)
        found = await self._goods.find(path, asked.query)
        if found is None:
            raise NotForSale
        return found

    async def _by_voucher(self, good: Good, payment: Payment, terms: Terms) -> Answer:
        """A deposit brings the first voucher along."""
        if not good.by_voucher:
            raise WrongScheme
        transaction = ""
        if payment.kind == "deposit":
            transaction = await self._on_chain.deposit(good, payment, terms)
            self._channels.forget(payments.signed(payment.payload).channel)
        charge, settled = await tabs.pay(good, payment, terms, self._channels)
        return answers.delivered(good, charge, {**settled, "transaction": transaction})

    async def _by_token(self, good: Good, sale: Sale) -> Answer:
        paid = await by_token.pay(good, sale.asked.headers)
        change = {by_token.CHANGE: paid.change_text} if paid.change else {}
        return answers.delivered(good, paid.charge, None, change)
