"""What is for sale, as the wire sees it: a price, somebody to pay, and what is handed over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from wetube.cloudcoin.models import Charge
from wetube.people.models import User
from wetube.wire.lately import Lately

Answer = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a price is asked for. `price` is drops, `label` says for what.

    What is sold `by_voucher` is paid from signed tabs; everything can be bought with one transfer.
    """

    label: str
    price: int
    by_voucher: bool = True


@dataclass(frozen=True, kw_only=True)
class Good(Offer):
    """One thing for sale. `subject` names it in the books.

    `deliver` gets the charge that pays for it, on the event loop: it asks no database.
    """

    subject: str
    payee: User
    deliver: Callable[[Charge], Answer]
    kind: Charge.Kind = Charge.Kind.VIEW


@dataclass(frozen=True, kw_only=True)
class TopUp(Offer):
    """Coin for a person's balance, by transfer: nothing is charged, and nothing split."""

    person: User
    by_voucher: bool = False


class Goods(Protocol):
    """Knows what is sold below /pay/v1/."""

    async def find(self, path: str, query: Mapping[str, str]) -> Good | TopUp | None:
        """What lies at the path ("videos/<key>"); None for what is not sold here.

        Raises Refused when it is not sold at the moment.
        """


class Remembered:
    """Goods asked for again and again are looked up once in a while."""

    def __init__(self, goods: Goods, *, seconds: float, most: int = 5_000) -> None:
        self._goods = goods
        self._lately = Lately(lambda path: goods.find(path, {}), seconds=seconds, most=most)

    async def find(self, path: str, query: Mapping[str, str]) -> Good | TopUp | None:
        if query:
            return await self._goods.find(path, query)
        return await self._lately.ask(path)
