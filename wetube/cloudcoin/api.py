"""The wallet by JSON; every amount is a whole number of drops, 10⁻⁸ CLD."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from wetube.cloudcoin import caps, charges, income, ledger, spending
from wetube.cloudcoin.models import Charge, Tab
from wetube.core.whole import WHOLE
from wetube.people.api_auth import Token
from wetube.people.models import User

router = Router(tags=["wallet"])

Key = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{11}$")]
Cap = Annotated[int, Field(ge=0, le=21_000_000 * 10**8), WHOLE]
MOST = 100


class Problem(Schema):
    """Why the answer is no."""

    detail: str


class Balance(Schema):
    """`available` may be spent now; `settling_out` and `settling_in` are on their way."""

    available: int
    settling_out: int
    settling_in: int
    spent_today: int


class Caps(Schema):
    """The most that is charged for one view, and in one day (UTC)."""

    per_view: Cap
    per_day: Cap


class Income(Schema):
    """One's share of paid views; days and months begin at midnight UTC."""

    today: int
    month: int
    total: int
    settling: int
    views: int


class Spent(Schema):
    """One paid view."""

    key: str
    at: datetime
    subject: str
    label: str
    amount: int
    state: Literal["settling", "settled", "refunded"]

    @staticmethod
    def resolve_state(charge: Charge) -> str:
        return spending.state(charge)


class Share(Schema):
    """Drops of one payee."""

    payee: Literal["creator", "nodes", "gateway"]
    name: str
    amount: int
    ppm: int


class Server(Schema):
    """Who sent `size` bytes of a view, for `amount` of the nodes' share; no name: the gateway."""

    name: str
    size: int
    amount: int
    price: int | None


class Receipt(Schema):
    """Where the coin of one view went; the shares sum to its amount, and `served` to the nodes'."""

    charge: Spent
    shares: list[Share]
    served: list[Server]
    ratecard: int


@router.get("", auth=Token("wallet"), response={200: Balance, 401: Problem, 403: Problem})
def balance(request: HttpRequest) -> Balance:
    """What is there."""
    user = _user(request)
    account = ledger.account_of(user)
    return Balance(
        available=account.available,
        settling_out=account.held,
        settling_in=income.of(user).settling,
        spent_today=caps.spent_today(account.tab),
    )


@router.get("/caps", auth=Token("wallet"), response={200: Caps, 401: Problem, 403: Problem})
def see_caps(request: HttpRequest) -> Caps:
    """One's limits."""
    return _caps(ledger.account_of(_user(request)).tab)


@router.put("/caps", auth=Token("wallet"), response={200: Caps, 401: Problem, 403: Problem})
def set_caps(request: HttpRequest, wanted: Caps) -> Caps:
    """Set both limits; the next charge is decided by them."""
    return _caps(caps.limit(_user(request), per_view=wanted.per_view, per_day=wanted.per_day))


@router.get("/income", auth=Token("wallet"), response={200: Income, 401: Problem, 403: Problem})
def earned(request: HttpRequest) -> Income:
    """What one earned."""
    return Income(**vars(income.of(_user(request))))


@router.get(
    "/history", auth=Token("wallet"), response={200: list[Spent], 401: Problem, 403: Problem}
)
def history(
    request: HttpRequest,
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST)] = 30,
) -> list[Charge]:
    """What one paid, the newest first."""
    return list(charges.of(_user(request))[offset : offset + limit])


@router.get(
    "/receipts/{key}",
    auth=Token("wallet"),
    response={200: Receipt, 401: Problem, 403: Problem, 404: Problem},
)
def receipt(request: HttpRequest, key: Key) -> dict[str, object]:
    """Where the coin of one of one's own views went."""
    mine = charges.of(_user(request)).select_related("ratecard")
    shown = charges.receipt(get_object_or_404(mine, key=key))
    return {
        "charge": shown.charge,
        "shares": [vars(leg) for leg in shown.legs],
        "served": [vars(server) for server in shown.served],
        "ratecard": shown.charge.ratecard.version,
    }


def _user(request: HttpRequest) -> User:
    """The person the token stands for; the router's auth put it there."""
    user: User = request.auth  # type: ignore[attr-defined]  # ninja sets it on the request
    return user


def _caps(tab: Tab) -> Caps:
    return Caps(per_view=tab.per_view_cap, per_day=tab.per_day_cap)
