"""Whatever strangers put into the payment header is refused by name, and nothing moves."""

from base64 import b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cloudcoin import make
from tests.wire.desk import PRICE, Desk, packed
from wetube.wire import payments
from wetube.wire.refusals import Malformed, Refused, WrongScheme
from wetube.wire.terms import Terms

COIN = "0x00000000000000000000000000000000000000A1"
TERMS = Terms(
    chain_id=1337,
    network="eip155:1337",
    token=COIN,
    vault="0x00000000000000000000000000000000000000b2",
    authorizer="0x00000000000000000000000000000000000000C3",
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
BOMBS = {
    "no base64": "%%%",
    "nothing": "",
    "no JSON": b64encode(b"\x00\xff{").decode(),
    "deep": b64encode(b"[" * 12_000).decode(),
    "deep objects": b64encode(b'{"a":' * 2_400).decode(),
    "a huge number": b64encode(b'{"x402Version":' + b"9" * 11_000 + b"}").decode(),
    "NaN": packed({"x402Version": float("nan"), "accepted": {}, "payload": {}}),
    "too long": "A" * (payments.MOST + 4),
    "not a dict": packed([1, 2, 3]),
    "surrogates": b64encode(b'{"x402Version":2,"accepted":"\\ud800","payload":{}}').decode(),
}


def looked_at(payload: dict[str, Any]) -> None:
    """All that is read out of a payload before anything is believed."""
    said = payments.signed(payload)
    found = payments.config(payload, TERMS, said.channel)
    payments.canonical(TERMS, said, str(found["payerAuthorizer"]))


@pytest.mark.django_db
@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused(desk: Desk, bomb: str) -> None:
    before = make.books()

    answer = desk.ask(BOMBS[bomb])

    assert answer.status in {400, 402}
    assert answer.said["error"] in {"malformed", "payment_needed", "wrong_scheme"}
    assert make.books() == before


@given(said=ANYTHING)
@settings(max_examples=60, deadline=None)
def test_anything_in_base64_is_a_payment_or_refused_by_name(said: object) -> None:
    with suppress(Malformed, WrongScheme):
        assert payments.read(packed(said)).kind in {"exact", *payments.KINDS}


@given(
    kind=st.sampled_from(["voucher", "deposit", "refund"]),
    voucher=ANYTHING,
    config=ANYTHING,
    channel=ANYTHING,
    most=ANYTHING,
)
@settings(max_examples=80, deadline=None)
def test_any_payload_is_refused_by_name(
    kind: str, voucher: object, config: object, channel: object, most: object
) -> None:
    shaped = {"channelId": channel, "maxClaimableAmount": most, "signature": voucher}
    for said in (voucher, shaped):
        with pytest.raises(Refused):
            looked_at({"type": kind, "voucher": said, "channelConfig": config})


@pytest.mark.django_db
@given(junk=st.dictionaries(st.sampled_from(["payer", "salt", "withdrawDelay", "token"]), ANYTHING))
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_odd_configurations_move_nothing(desk: Desk, junk: dict[str, Any]) -> None:
    payment = desk.payment(PRICE)
    payment["payload"]["channelConfig"] = {**desk.config, **junk, "receiver": TERMS.vault}

    answer = desk.ask(payment)

    assert answer.status in {400, 402}
    assert desk.escrow.tab.charged == 0
