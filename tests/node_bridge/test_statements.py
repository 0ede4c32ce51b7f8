"""A statement counts when it is signed by whom it names, of the kind asked for, and in time."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge.network import statements
from node_bridge.network.identity import Identity
from node_bridge.network.statements import (
    LEASE,
    MAX_BYTES,
    RECEIPT,
    Expired,
    Forged,
    Malformed,
    NotYours,
    Refused,
    WrongKind,
)

NOW = 1_700_000_000
ME, YOU = Identity.create(), Identity.create()
CLAIMS = {"aud": YOU.peer_id, "jti": "1", "size": 5, "exp": NOW + 60}
GOOD = statements.state(ME, LEASE, CLAIMS)


def sealed(header: dict[str, Any], claims: object, *, by: Identity = ME) -> str:
    """A statement as a stranger might write it, signed as it stands."""
    parts = [part(json.dumps(piece).encode()) for piece in (header, claims)]
    message = ".".join(parts)
    return f"{message}.{part(by.sign(message.encode()))}"


def part(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def test_what_was_stated_is_read() -> None:
    claims = statements.read(GOOD, LEASE, by=ME.peer_id, to=YOU.peer_id, now=NOW)
    assert claims == {**CLAIMS, "iss": ME.peer_id}


def test_without_a_name_the_statement_is_checked_against_its_own_issuer() -> None:
    assert statements.read(GOOD, LEASE, by=None, now=NOW)["iss"] == ME.peer_id


def test_who_signs_cannot_name_another_as_issuer() -> None:
    token = statements.state(ME, LEASE, {**CLAIMS, "iss": YOU.peer_id})
    assert statements.read(token, LEASE, by=None, now=NOW)["iss"] == ME.peer_id
    header = {"alg": "EdDSA", "typ": LEASE}
    with pytest.raises(Forged):
        statements.read(
            sealed(header, {**CLAIMS, "iss": YOU.peer_id}), LEASE, by=YOU.peer_id, now=NOW
        )


def test_another_kind_is_refused() -> None:
    with pytest.raises(WrongKind):
        statements.read(GOOD, RECEIPT, by=ME.peer_id, now=NOW)


def test_another_signer_or_another_addressee_is_refused() -> None:
    with pytest.raises(NotYours, match="signed"):
        statements.read(GOOD, LEASE, by=YOU.peer_id, now=NOW)
    with pytest.raises(NotYours, match="meant"):
        statements.read(GOOD, LEASE, by=ME.peer_id, to=ME.peer_id, now=NOW)


def test_at_its_second_of_expiry_it_is_over() -> None:
    with pytest.raises(Expired):
        statements.read(GOOD, LEASE, by=ME.peer_id, now=NOW + 60)


@given(st.integers(0, len(GOOD) - 1), st.sampled_from("ABCxyz019-_.=!"))
def test_a_changed_letter_anywhere_is_refused(place: int, letter: str) -> None:
    changed = GOOD[:place] + letter + GOOD[place + 1 :]
    if changed != GOOD:
        with pytest.raises(Refused):
            statements.read(changed, LEASE, by=ME.peer_id, now=NOW)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", GOOD + "\n", GOOD + "=", "é" * 90, "." * 99])
def test_what_is_no_jws_is_malformed(token: str) -> None:
    with pytest.raises(Malformed):
        statements.read(token, LEASE, by=None, now=NOW)


def test_only_eddsa_counts() -> None:
    claims = {**CLAIMS, "iss": ME.peer_id}
    for alg in ("none", "HS256", "ES256", "Ed25519"):
        with pytest.raises(Malformed):
            statements.read(sealed({"alg": alg, "typ": LEASE}, claims), LEASE, by=None, now=NOW)
    public = ME.key.public_key().public_bytes_raw()
    token = jwt.encode(claims, public, algorithm="HS256", headers={"typ": LEASE})
    with pytest.raises(Malformed):
        statements.read(token, LEASE, by=None, now=NOW)


@pytest.mark.parametrize("more", [{"crit": ["exp"]}, {"jwk": {}}, {"kid": "x"}, {"zip": "DEF"}])
def test_a_header_with_more_in_it_is_refused(more: dict[str, Any]) -> None:
    header = {"alg": "EdDSA", "typ": LEASE, **more}
    with pytest.raises(Malformed):
        statements.read(sealed(header, {**CLAIMS, "iss": ME.peer_id}), LEASE, by=None, now=NOW)


@pytest.mark.parametrize("exp", [None, "9999999999", 1e12, True, -1, 1 << 60, [NOW + 9]])
def test_a_statement_without_a_sound_end_is_refused(exp: object) -> None:
    with pytest.raises(Malformed):
        statements.state(ME, LEASE, {**CLAIMS, "exp": exp})
    header = {"alg": "EdDSA", "typ": LEASE}
    with pytest.raises(Malformed):
        statements.read(
            sealed(header, {**CLAIMS, "iss": ME.peer_id, "exp": exp}), LEASE, by=None, now=NOW
        )


@pytest.mark.parametrize("claims", [[], "text", 5, None, {}, {"iss": 5}, {"iss": "12D3Koo"}])
def test_claims_that_name_no_signer_are_refused(claims: object) -> None:
    with pytest.raises(Malformed):
        statements.read(sealed({"alg": "EdDSA", "typ": LEASE}, claims), LEASE, by=None, now=NOW)


def test_a_statement_of_more_than_8_kib_is_neither_made_nor_read() -> None:
    big = {**CLAIMS, "why": "x" * MAX_BYTES}
    with pytest.raises(Malformed):
        statements.state(ME, LEASE, big)
    token = sealed({"alg": "EdDSA", "typ": LEASE}, {**big, "iss": ME.peer_id})
    with pytest.raises(Malformed):
        statements.read(token, LEASE, by=None, now=NOW)


@given(st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()))
def test_a_claim_of_another_type_is_named(value: object) -> None:
    if type(value) is not int or not 0 <= value <= 9:
        with pytest.raises(Malformed, match="size"):
            statements.whole({"size": value}, "size", most=9)
    if not isinstance(value, str) or not 0 < len(value) <= 3:
        with pytest.raises(Malformed, match="jti"):
            statements.text({"jti": value}, "jti", most=3)
