"""Paying for blind tokens by JSON: a program with the scope `wallet` pays a quote it was shown."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import StringConstraints

from wetube.cloudcoin.refusals import InsufficientFunds
from wetube.people.api_auth import Token
from wetube.people.models import User
from wetube.tokens import quotes
from wetube.tokens.refusals import TokenRefused, UnknownQuote

router = Router(tags=["wallet"])

Key = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Problem(Schema):
    """Why the answer is no."""

    detail: str


class PaidQuote(Schema):
    """A quote of the mint (`POST /mint/v1/mint/quote/cloudcoin`); the amount is in drops."""

    quote: str
    amount: int
    state: str


@router.post(
    "/quotes/{key}/pay",
    auth=Token("wallet"),
    response={200: PaidQuote, 401: Problem, 403: Problem, 404: Problem, 409: Problem},
)
def pay_quote(request: HttpRequest, key: Key) -> object:
    """Pay a quote for blind tokens from the balance; a quote that is paid stays as it is."""
    user: User = request.auth  # type: ignore[attr-defined]  # ninja sets it on the request
    try:
        quote = quotes.pay(quotes.of(key), payer=user)
    except UnknownQuote as refusal:
        return Status(404, {"detail": str(refusal)})
    except (TokenRefused, InsufficientFunds) as refusal:
        return Status(409, {"detail": str(refusal)})
    return {"quote": quote.key, "amount": quote.amount, "state": quote.state}
