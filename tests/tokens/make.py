"""What the tests of tokens say in one word."""

from tests.cloudcoin import make as coin
from wetube.people.models import User
from wetube.tokens.models import BlindSignature, Quote, SpentToken
from wetube.tokens.spending import Bill

COIN = coin.COIN
PRICE = 30_000_000


def bill(payee: User, price: int = PRICE, subject: str = "video:one") -> Bill:
    return Bill(payee=payee, price=price, subject=subject, label="One")


def everything() -> list[object]:
    """All that money and mint rows say, to compare before and after a refusal."""
    return [
        *coin.books(),
        sorted(Quote.objects.values_list("key", "state", "amount")),
        sorted(BlindSignature.objects.values_list("blinded", "amount")),
        sorted(SpentToken.objects.values_list("y", "amount")),
    ]
