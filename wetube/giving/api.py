"""Tips and the monthly pot by JSON; every amount is a whole number of drops, 10⁻⁸ CLD."""

from datetime import date, datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from ninja.errors import HttpError
from pydantic import Field, StrictBool, StringConstraints

from wetube.cloudcoin.models import Charge
from wetube.cloudcoin.refusals import ChargeRefused, InsufficientFunds
from wetube.core.whole import WHOLE
from wetube.giving import pots, spreading, tips
from wetube.giving.models import Pot, PotMonth, Tip
from wetube.people.api_auth import Token
from wetube.people.models import Channel, User

router = Router(tags=["giving"])

Key = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z]{11}$")]
MOST = 100


class Problem(Schema):
    """Why the answer is no."""

    detail: str


class Given(Schema):
    """A tip to give; the same `reference` again is the same tip."""

    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{3,30}$")]
    amount: Annotated[int, Field(ge=1, le=tips.MOST), WHOLE]
    reference: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
    note: Annotated[str, StringConstraints(max_length=200)] = ""
    named: StrictBool = False


class TipOut(Schema):
    """A tip that was given; `key` names its receipt."""

    key: str
    amount: int
    undo_until: datetime


class Received(Schema):
    """A tip that was received; `share` is what of it is one's own."""

    key: str
    at: datetime
    amount: int
    share: int
    note: str
    giver: str


class Share(Schema):
    """What a channel would get of the pot if the month ended now."""

    channel: str
    seconds: int
    amount: int


class PotOut(Schema):
    """A pot. `available` is what the balance holds of it."""

    amount: int
    state: Literal["on", "paused", "stopped"]
    available: int
    shares: list[Share]


class PotIn(Schema):
    """How much a month, and whether it is paused."""

    amount: Annotated[int, Field(ge=1, le=pots.MOST), WHOLE]
    paused: StrictBool = False


class Month(Schema):
    """A month of the pot and what was given in it."""

    month: date
    state: Literal["open", "paused", "spread"]
    amount: int
    spent: int
    seconds: int
    channels: int


@router.post(
    "/tips",
    auth=Token("wallet"),
    response={
        201: TipOut,
        401: Problem,
        402: Problem,
        403: Problem,
        404: Problem,
        409: Problem,
    },
)
def give_tip(request: HttpRequest, given: Given) -> Status[TipOut]:
    """Give a channel something from the balance."""
    channel = get_object_or_404(Channel.objects.select_related("owner"), handle=given.channel)
    try:
        tip = tips.give(
            _user(request),
            channel,
            amount=given.amount,
            reference=given.reference,
            said=tips.Said(given.note, given.named),
        )
    except InsufficientFunds as refusal:
        raise HttpError(402, str(refusal)) from refusal
    except ChargeRefused as refusal:
        raise HttpError(409, str(refusal)) from refusal
    return Status(201, _tip(tip))


@router.delete(
    "/tips/{key}",
    auth=Token("wallet"),
    response={204: None, 401: Problem, 403: Problem, 404: Problem, 409: Problem},
)
def take_back(request: HttpRequest, key: Key) -> Status[None]:
    """Take back a tip one gave in the last minutes."""
    mine = Tip.objects.select_related("charge")
    try:
        tips.undo(get_object_or_404(mine, giver=_user(request), charge__key=key))
    except ChargeRefused as refusal:
        raise HttpError(409, str(refusal)) from refusal
    return Status(204, None)


@router.get(
    "/tips", auth=Token("wallet"), response={200: list[Received], 401: Problem, 403: Problem}
)
def see_tips(
    request: HttpRequest,
    offset: Annotated[int, Field(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Field(ge=1, le=MOST)] = 30,
) -> list[Received]:
    """What others gave to one's channels, the newest first."""
    found = tips.received(_user(request))[offset : offset + limit]
    return [_received(charge) for charge in found]


@router.get(
    "/pot", auth=Token("wallet"), response={200: PotOut, 401: Problem, 403: Problem, 404: Problem}
)
def see_pot(request: HttpRequest) -> PotOut:
    """One's pot, and how it would be spread now."""
    return _pot(get_object_or_404(Pot, owner=_user(request)))


@router.put("/pot", auth=Token("wallet"), response={200: PotOut, 401: Problem, 403: Problem})
def set_pot(request: HttpRequest, wanted: PotIn) -> PotOut:
    """Start, change, pause or resume one's pot."""
    pot = pots.fill(_user(request), amount=wanted.amount)
    (pots.pause if wanted.paused else pots.resume)(pot)
    return _pot(pot)


@router.delete(
    "/pot", auth=Token("wallet"), response={204: None, 401: Problem, 403: Problem, 404: Problem}
)
def stop_pot(request: HttpRequest) -> Status[None]:
    """Give nothing for this month or any later one, and forget what was watched in it."""
    pots.stop(get_object_or_404(Pot, owner=_user(request)))
    return Status(204, None)


@router.get(
    "/pot/months", auth=Token("wallet"), response={200: list[Month], 401: Problem, 403: Problem}
)
def see_months(request: HttpRequest) -> list[PotMonth]:
    """The months of one's pot, the newest first."""
    mine = PotMonth.objects.filter(pot__owner=_user(request))
    return list(mine.order_by("-month")[:MOST])


def _user(request: HttpRequest) -> User:
    """The person the token stands for; the router's auth put it there."""
    user: User = request.auth  # type: ignore[attr-defined]  # ninja sets it on the request
    return user


def _tip(tip: Tip) -> TipOut:
    charge = tip.charge
    return TipOut(key=charge.key, amount=charge.amount, undo_until=tips.undo_until(tip))


def _received(charge: Charge) -> Received:
    tip: Tip | None = getattr(charge, "tip", None)
    return Received(
        key=charge.key,
        at=charge.at,
        amount=charge.amount,
        share=charge.payee_share,
        note=tip.note if tip and not tip.is_hidden else "",
        giver=tip.giver.display_name if tip and tip.is_named else "",
    )


def _pot(pot: Pot) -> PotOut:
    plan = spreading.preview(pot)
    shares = (part for part in plan.portions if pot.state == Pot.State.ON)
    return PotOut(
        amount=pot.amount,
        state=pot.state,  # type: ignore[arg-type]  # one of these three, by its choices
        available=plan.pool,
        shares=[
            Share(channel=part.channel.handle, seconds=part.seconds, amount=part.amount)
            for part in shares
        ],
    )
