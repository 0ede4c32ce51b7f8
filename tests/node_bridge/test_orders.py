"""Order limits, receipts and debts say what was agreed, to whom, and nothing more."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge.network import orders, statements
from node_bridge.network.identity import Identity
from node_bridge.network.orders import GIB, MOST, Debt, OrderLimit, OverLimit, Receipt
from node_bridge.network.statements import Expired, Forged, Malformed, NotYours, WrongKind

NOW = 1_700_000_000
GATEWAY, NODE, CLIENT, STRANGER = (Identity.create() for _ in range(4))
LIMIT = OrderLimit(
    gateway=GATEWAY.peer_id,
    client=CLIENT.peer_id,
    node=NODE.peer_id,
    serial=orders.new_serial(),
    root="bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
    max_bytes=10_000,
    price=7,
    expires=NOW + 60,
)
TOKEN = orders.issue(GATEWAY, LIMIT)


def read_limit(token: str) -> OrderLimit:
    return orders.read_limit(token, by=GATEWAY.peer_id, to=NODE.peer_id, now=NOW)


def test_a_limit_is_read_as_it_was_issued() -> None:
    assert read_limit(TOKEN) == LIMIT


def test_a_limit_of_another_gateway_or_for_another_node_is_refused() -> None:
    foreign = orders.issue(STRANGER, replace(LIMIT, gateway=STRANGER.peer_id))
    with pytest.raises(NotYours):
        read_limit(foreign)
    with pytest.raises(NotYours):
        orders.read_limit(TOKEN, by=GATEWAY.peer_id, to=STRANGER.peer_id, now=NOW)
    with pytest.raises(NotYours):
        orders.issue(STRANGER, LIMIT)


def test_a_limit_ends() -> None:
    with pytest.raises(Expired):
        orders.read_limit(TOKEN, by=None, to=None, now=LIMIT.expires)


def test_a_changed_limit_is_forged() -> None:
    head, claims, signature = TOKEN.split(".")
    other = orders.issue(GATEWAY, replace(LIMIT, max_bytes=20_000)).split(".")[1]
    assert other != claims
    with pytest.raises(Forged):
        read_limit(f"{head}.{other}.{signature}")


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "nobody"},
        {"jti": "short"},
        {"jti": "a b" * 8},
        {"max_bytes": -1},
        {"max_bytes": 1.5},
        {"max_bytes": MOST + 1},
        {"price": None},
        {"root": ""},
    ],
)
def test_a_limit_with_bad_claims_is_malformed(claims: dict[str, object]) -> None:
    good = statements.read(TOKEN, statements.ORDER_LIMIT, by=None, now=NOW)
    token = statements.state(GATEWAY, statements.ORDER_LIMIT, {**good, **claims})
    with pytest.raises(Malformed):
        read_limit(token)


@given(st.integers(0, LIMIT.max_bytes))
def test_a_receipt_is_read_as_it_was_signed(size: int) -> None:
    receipt = orders.read_receipt(orders.sign(CLIENT, LIMIT, size), now=NOW)
    assert receipt == Receipt(CLIENT.peer_id, NODE.peer_id, LIMIT.serial, size, LIMIT.expires)
    orders.check(receipt, LIMIT)


def test_a_client_signs_no_more_than_the_limit_and_none_of_another() -> None:
    with pytest.raises(OverLimit):
        orders.sign(CLIENT, LIMIT, LIMIT.max_bytes + 1)
    with pytest.raises(NotYours):
        orders.sign(STRANGER, LIMIT, 1)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"size": LIMIT.max_bytes + 1}, OverLimit),
        ({"client": STRANGER.peer_id}, NotYours),
        ({"node": STRANGER.peer_id}, NotYours),
        ({"serial": orders.new_serial()}, NotYours),
    ],
)
def test_a_receipt_is_held_against_its_limit(
    change: dict[str, object], refusal: type[Exception]
) -> None:
    good = Receipt(CLIENT.peer_id, NODE.peer_id, LIMIT.serial, 5, LIMIT.expires)
    with pytest.raises(refusal):
        orders.check(replace(good, **change), LIMIT)  # type: ignore[arg-type]  # by name


def test_a_limit_is_no_receipt() -> None:
    with pytest.raises(WrongKind):
        orders.read_receipt(TOKEN, now=NOW)


@given(st.integers(0, MOST))
def test_a_debt_is_read_as_it_was_signed(total: int) -> None:
    token = orders.owe(CLIENT, creditor=NODE.peer_id, total=total, expires=NOW + 1)
    debt = orders.read_debt(token, to=NODE.peer_id, now=NOW)
    assert debt == Debt(CLIENT.peer_id, NODE.peer_id, total, NOW + 1)


def test_nobody_owes_themselves() -> None:
    with pytest.raises(NotYours):
        orders.owe(NODE, creditor=NODE.peer_id, total=1, expires=NOW + 1)
    own = statements.state(NODE, statements.DEBT, {"aud": NODE.peer_id, "total": 1, "exp": NOW + 1})
    with pytest.raises(NotYours):
        orders.read_debt(own, now=NOW)


@given(st.integers(0, 1 << 50), st.integers(0, 1 << 40))
def test_bytes_cost_their_price_rounded_up(size: int, price: int) -> None:
    drops = orders.cost(size, price)
    assert drops * GIB >= size * price > (drops - 1) * GIB


@given(st.lists(st.integers(1, 1 << 30), max_size=8), st.integers(1, 1 << 30))
def test_a_debt_counted_in_all_is_never_dearer_than_its_parts(sizes: list[int], price: int) -> None:
    assert orders.cost(sum(sizes), price) <= sum(orders.cost(size, price) for size in sizes)
