"""What does not pay is refused by name and moves nothing; odd signatures are put right."""

from collections.abc import Callable
from typing import Any

import pytest
from eth_account import Account

from tests.cloudcoin import make
from tests.wire.desk import PRICE, Desk
from wetube.chain.signatures import ORDER

pytestmark = pytest.mark.django_db


def malleable(signature: bytes) -> dict[str, bytes]:
    """The forms of one signature that x402's server takes and contracts do not."""
    r, s, parity = signature[:32], int.from_bytes(signature[32:64]), signature[64] - 27
    high = (ORDER - s).to_bytes(32)
    return {
        "v 0/1": signature[:64] + bytes([parity]),
        "high s": r + high + bytes([28 - parity]),
        "high s, v 0/1": r + high + bytes([parity ^ 1]),
        "v 35": signature[:64] + bytes([35 + 2 * 1337 + parity & 0xFF]),
        "short form": signature[:64],
        "trailing byte": signature + b"\x00",
        "none": b"",
    }


@pytest.mark.parametrize("form", ["v 0/1", "high s", "high s, v 0/1"])
def test_odd_signatures_are_rewritten_to_what_contracts_take(desk: Desk, form: str) -> None:
    right = desk.sign(PRICE)

    answer = desk.ask(desk.payment(PRICE, signature=malleable(right)[form]))

    assert answer.status == 200
    assert bytes(desk.escrow.signature) == right


@pytest.mark.parametrize("form", ["v 35", "short form", "trailing byte"])
def test_signatures_no_contract_takes_are_refused(desk: Desk, form: str) -> None:
    before = make.books()

    answer = desk.ask(desk.payment(PRICE, signature=malleable(desk.sign(PRICE))[form]))

    assert (answer.status, answer.said["error"]) == (402, "bad_signature")
    assert make.books() == before


Change = Callable[[Desk, dict[str, Any]], None]


def accepted(name: str, value: object) -> Change:
    return lambda _desk, payment: payment["accepted"].__setitem__(name, value)


def voucher(name: str, value: object) -> Change:
    return lambda _desk, payment: payment["payload"]["voucher"].__setitem__(name, value)


def config(name: str, value: object) -> Change:
    def change(_desk: Desk, payment: dict[str, Any]) -> None:
        payment["payload"]["channelConfig"] = {**_desk.config, name: value}

    return change


SOMEBODY = "0x00000000000000000000000000000000000000fF"
REFUSED: dict[str, tuple[Change, int, str]] = {
    "another chain": (accepted("network", "eip155:1"), 402, "wrong_chain"),
    "another coin": (accepted("asset", SOMEBODY), 402, "wrong_token"),
    "another payee": (accepted("payTo", SOMEBODY), 402, "wrong_payee"),
    "another price": (accepted("amount", "1"), 402, "price_changed"),
    "another scheme": (accepted("scheme", "upto"), 402, "wrong_scheme"),
    "another channel": (config("salt", "0x" + "11" * 32), 402, "channel_mismatch"),
    "another vault": (config("receiver", SOMEBODY), 402, "channel_mismatch"),
    "an unknown channel": (voucher("channelId", "0x" + "77" * 32), 402, "unknown_channel"),
    "somebody's signature": (
        voucher(
            "signature", "0x" + bytes(Account.create().unsafe_sign_hash(b"x" * 32).signature).hex()
        ),
        402,
        "bad_signature",
    ),
    "no number": (voucher("maxClaimableAmount", PRICE), 400, "malformed"),
    "a negative number": (voucher("maxClaimableAmount", "-5"), 400, "malformed"),
    "a huge number": (voucher("maxClaimableAmount", "9" * 5000), 400, "malformed"),
    "too large a number": (voucher("maxClaimableAmount", str(2**128)), 402, "bad_signature"),
    "no voucher": (lambda _d, p: p["payload"].pop("voucher"), 400, "malformed"),
    "no payload": (lambda _d, p: p.pop("payload"), 400, "malformed"),
    "version 1": (lambda _d, p: p.update(x402Version=1), 400, "malformed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_pay_is_refused_by_name(desk: Desk, case: str) -> None:
    change, status, error = REFUSED[case]
    payment = desk.payment(PRICE)
    payment["accepted"] = dict(payment["accepted"])
    change(desk, payment)
    before = make.books()

    answer = desk.ask(payment)

    assert (answer.status, answer.said["error"]) == (status, error)
    assert answer.said["message"]
    assert make.books() == before
    assert desk.view(1).status == 200
