"""The mint for wallets: Cashu's endpoints (NUT-01 to 07, 09), method `cloudcoin`, unit `cld`."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from wetube.people import limits
from wetube.people.limits import Limit
from wetube.tokens import inputs, keysets, melting, minting, outputs, quotes, states, swapping
from wetube.tokens.denominations import MOST, UNIT
from wetube.tokens.models import BlindSignature, Keyset, Quote
from wetube.tokens.refusals import Malformed, WrongUnit
from wetube.tokens.spending import as_json
from wetube.tokens.views.answering import body, endpoint, text

METHOD = "cloudcoin"
# Nothing can be guessed here; this keeps one visitor from filling the table of quotes.
QUOTES = Limit("mint-quotes", 300)


@endpoint("GET")
def info(request: HttpRequest) -> Mapping[str, object]:
    """NUT-06."""
    way = {"method": METHOD, "unit": UNIT, "min_amount": quotes.LEAST, "max_amount": MOST}
    again = ("/v1/swap", f"/v1/mint/{METHOD}", f"/v1/melt/{METHOD}")
    cached = [{"method": "POST", "path": path} for path in again]
    return {
        "name": settings.SITE_NAME,
        "version": "WeTube/1",
        "description": "Blind tokens for Cloudcoin. One cld is one drop, 0.00000001 CLD.",
        "urls": [f"{settings.SITE_URL}/mint"],
        "nuts": {
            "4": {"methods": [way], "disabled": False},
            "5": {"methods": [way], "disabled": False},
            "7": {"supported": True},
            "8": {"supported": True},
            "9": {"supported": True},
            "12": {"supported": True},
            "19": {"ttl": None, "cached_endpoints": cached},
        },
    }


@endpoint("GET")
def keys(request: HttpRequest) -> Mapping[str, object]:
    """NUT-01: the keys that sign now."""
    return {"keysets": [_with_keys(keysets.current())]}


@endpoint("GET")
def keys_of(request: HttpRequest, key: str) -> Mapping[str, object]:
    """NUT-01: the keys of one keyset, in use or not."""
    return {"keysets": [_with_keys(keysets.found(key))]}


@endpoint("GET")
def all_keysets(request: HttpRequest) -> Mapping[str, object]:
    """NUT-02."""
    keysets.current()
    return {"keysets": [_named(each) for each in Keyset.objects.order_by("number")]}


@endpoint("POST")
def ask_to_mint(request: HttpRequest) -> Mapping[str, object]:
    """NUT-04: anybody may ask; whoever is signed in pays at the address in `request`."""
    limits.take_address(request, limit=QUOTES)
    said = body(request)
    _check_unit(said)
    return _mint_quote(quotes.ask(quotes.check_range(said.get("amount"))))


@endpoint("GET")
def mint_quote(request: HttpRequest, key: str) -> Mapping[str, object]:
    return _mint_quote(quotes.of(key))


@endpoint("POST")
def mint(request: HttpRequest) -> Mapping[str, object]:
    """NUT-04."""
    said = body(request)
    quote = quotes.of(text(said, "quote"))
    return {"signatures": _signatures(minting.sign(quote, outputs.read(said.get("outputs"))))}


@endpoint("POST")
def swap(request: HttpRequest) -> Mapping[str, object]:
    """NUT-03."""
    said = body(request)
    given, wanted = inputs.read(said.get("inputs")), outputs.read(said.get("outputs"))
    return {"signatures": _signatures(swapping.swap(given, wanted))}


@endpoint("POST")
def check_state(request: HttpRequest) -> Mapping[str, object]:
    """NUT-07."""
    asked = body(request).get("Ys")
    if not isinstance(asked, list):
        raise Malformed("“Ys” must be a list of points.")
    found = states.check(asked)
    return {"states": [{"Y": y, "state": state, "witness": None} for y, state in found.items()]}


@endpoint("POST")
def restore(request: HttpRequest) -> Mapping[str, object]:
    """NUT-09."""
    asked = outputs.read(body(request).get("outputs"), most=minting.MOST_RESTORED)
    found = minting.restore(asked)
    return {
        "outputs": [
            {"amount": row.amount, "id": row.keyset.key, "B_": row.blinded} for row in found
        ],
        "signatures": _signatures(found),
    }


@endpoint("POST")
def ask_to_melt(request: HttpRequest) -> Mapping[str, object]:
    """NUT-05: `request` is the key of the account the coin goes to."""
    limits.take_address(request, limit=QUOTES)
    said = body(request)
    _check_unit(said)
    amount = quotes.check_range(said.get("amount"))
    return _melt_quote(melting.ask(amount, to=text(said, "request")))


@endpoint("GET")
def melt_quote(request: HttpRequest, key: str) -> Mapping[str, object]:
    return _melt_quote(quotes.of(key, Quote.Kind.MELT))


@endpoint("POST")
def melt(request: HttpRequest) -> Mapping[str, object]:
    """NUT-05, with change as of NUT-08."""
    said = body(request)
    quote = quotes.of(text(said, "quote"), Quote.Kind.MELT)
    blank = outputs.read(said.get("outputs") or [])
    melted = melting.melt(quote, inputs.read(said.get("inputs")), blank)
    return {**_melt_quote(melted.quote), "change": _signatures(melted.change)}


def _check_unit(said: Mapping[str, object]) -> None:
    if said.get("unit") != UNIT:
        raise WrongUnit


def _named(keyset: Keyset) -> dict[str, object]:
    return {"id": keyset.key, "unit": UNIT, "active": keyset.active, "input_fee_ppk": 0}


def _with_keys(keyset: Keyset) -> dict[str, object]:
    return {**_named(keyset), "keys": keyset.keys}


def _signatures(signed: Sequence[BlindSignature]) -> list[dict[str, object]]:
    return [as_json(each) for each in signed]


def _mint_quote(quote: Quote) -> dict[str, object]:
    place = reverse("tokens:pay", args=[quote.key])
    is_paid, is_issued = quote.state != Quote.State.UNPAID, quote.state == Quote.State.ISSUED
    return {
        "quote": quote.key,
        "request": f"{settings.SITE_URL}{place}",
        "amount": quote.amount,
        "unit": UNIT,
        "method": METHOD,
        "state": quote.state.upper(),
        "expiry": int(quote.expires_at.timestamp()),
        "amount_paid": quote.amount if is_paid else 0,
        "amount_issued": quote.amount if is_issued else 0,
        "updated_at": int(quote.state_since.timestamp()),
    }


def _melt_quote(quote: Quote) -> dict[str, object]:
    return {
        "quote": quote.key,
        "request": quote.account.key if quote.account else "",
        "amount": quote.amount,
        "unit": UNIT,
        "method": METHOD,
        "fee_reserve": 0,
        "state": quote.state.upper(),
        "expiry": int(quote.expires_at.timestamp()),
    }
