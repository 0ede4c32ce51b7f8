"""Paying with a blind token, in the header X-Cashu of the same addresses."""

from collections.abc import Mapping

from channels.db import database_sync_to_async

from wetube.cloudcoin import till
from wetube.tokens import spending
from wetube.tokens.refusals import TokenRefused
from wetube.wire.goods import Good
from wetube.wire.refusals import Declined, OwnGoods, Refused

TOKEN, BLANK, RETRY, CHANGE = "x-cashu", "x-cashu-outputs", "idempotency-key", "X-Cashu-Change"


class TokenDeclined(Refused):
    """The mint's own refusal: `reason` is Cashu's code."""

    def __init__(self, no: TokenRefused) -> None:
        self.reason = f"cashu_{no.code}"
        super().__init__(str(no))

    @property
    def name(self) -> str:
        return "token_refused"


async def pay(good: Good, headers: Mapping[str, str]) -> spending.Paid:
    """Raises Refused; then no token was spent."""
    bill = spending.Bill(good.payee, good.price, good.subject, good.label, good.kind)
    try:
        return await database_sync_to_async(spending.pay)(
            headers[TOKEN], bill, blank=headers.get(BLANK, ""), retry=headers.get(RETRY, "")
        )
    except TokenRefused as no:
        raise TokenDeclined(no) from no
    except till.SelfPayment as no:
        raise OwnGoods(str(no)) from no
    except till.ChargeRefused as no:
        raise Declined("charge_refused", str(no)) from no
