"""Blind signatures are those of the specification, and nothing but a proper point gets in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tokens import other_half
from wetube.tokens import curve

# NUT-00's own vectors (tests/00-tests.md of the NUTs).
POINTS = [
    "024cce997d3b518f739663b757deaec95bcd9473c30a14ac2fd04023a739d1a725",
    "022e7158e11c9506f1aa4248bf531298daa7febd6194f003edcd9b93ade6253acf",
    "026cdbe15362df59cd1dd3c9c11de8aedac2106eca69236ecd9fbe117af897be4f",
]
BLINDED = "02a9acc1e48c25eeeb9289b5031cc57da9fe72f3fe2861d264bdc074209b107ba2"
ONE = (1).to_bytes(32, "big")
SEVENS = bytes([0x7F]) * 32
KEYS = st.integers(1, curve.ORDER - 1).map(lambda number: number.to_bytes(32, "big"))


@pytest.mark.parametrize(("number", "expected"), list(enumerate(POINTS)))
def test_messages_become_the_specifications_points(number: int, expected: str) -> None:
    assert curve.written(curve.hash_to_curve(number.to_bytes(32, "big"))) == expected


@pytest.mark.parametrize(
    ("message", "r", "expected"),
    [
        (
            "d341ee4871f1f889041e63cf0d3823c713eea6aff01e80f1719f08f9e5be98f6",
            "99fce58439fc37412ab3468b73db0569322588f62fb3a49182d67e23d877824a",
            "033b1a9737a40cc3fd9b6af4b723632b76a67a36782596304612a6c2bfb5197e6d",
        ),
        (
            "f1aaf16c2239746f369572c0784d9dd3d032d952c2d992175873fb58fae31a60",
            "f78476ea7cc9ade20f9e05e58a804cf19533f03ea805ece5fee88c8e2874ba50",
            "029bdf2d716ee366eddf599ba252786c1033f47e230248a4612a5670ab931f1763",
        ),
    ],
)
def test_blinding_gives_the_specifications_points(message: str, r: str, expected: str) -> None:
    y = curve.hash_to_curve(bytes.fromhex(message))

    assert curve.written(y.add(bytes.fromhex(r))) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (ONE, BLINDED),
        (SEVENS, "0398bc70ce8184d27ba89834d19f5199c84443c31131e48d3c1214db24247d005d"),
    ],
)
def test_signing_gives_the_specifications_points(key: bytes, expected: str) -> None:
    assert curve.sign(key, curve.point(BLINDED)).c_ == expected


def test_a_proof_is_hashed_as_specified() -> None:
    """NUT-12's vector for hash(R1, R2, K, C_)."""
    one = curve.point("02" + f"{1:064x}")

    found = curve.challenge(one, one, one, curve.point(BLINDED)).hex()

    assert found == "a4dc034b74338c28c6bc3ea49731f2a24440fc7c4affc08b31a93fc9fbe6401e"


def test_the_specifications_proof_is_believed_and_a_changed_one_is_not() -> None:
    e = "9818e061ee51d5c8edc3342369a554998ff7b4381c8652d724cdf46429be73d9"
    s = "9818e061ee51d5c8edc3342369a554998ff7b4381c8652d724cdf46429be73da"
    key = curve.key_of(ONE)

    assert other_half.is_proven(key, BLINDED, curve.Proven(c_=BLINDED, e=e, s=s))
    assert not other_half.is_proven(key, BLINDED, curve.Proven(c_=BLINDED, e=e, s=e))
    assert not other_half.is_proven(
        curve.key_of(SEVENS), BLINDED, curve.Proven(c_=BLINDED, e=e, s=s)
    )


def test_proofs_are_made_as_cashu_ts_makes_them() -> None:
    """Printed by createDLEQProof of @cashu/cashu-ts 4.8.0 for the key 2."""
    made = curve.sign((2).to_bytes(32, "big"), curve.point(BLINDED))

    assert made.e == "2a16ffee280aff3c429045607f9b8e0bf8b35910c44c1b20b9dfaf01b263d7b3"
    assert made.s == "9df27731238334718d120d4f74611a7c668233f988e687ac3fb188f0a34a2dab"


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80), KEYS, KEYS)
def test_what_was_signed_blindly_is_good_unblinded(secret: str, k: bytes, r: bytes) -> None:
    key, blinded = curve.key_of(k), other_half.blind(secret, r)
    signed = curve.sign(k, curve.point(blinded))

    c = other_half.unblind(signed.c_, r, key)

    assert other_half.is_proven(key, blinded, signed)
    assert curve.is_good(k, curve.y_of(secret), c)
    assert not curve.is_good(k, curve.y_of(secret + "."), c)
    assert c != signed.c_


@pytest.mark.parametrize(
    "digits",
    [
        "",
        "00" * 33,
        "00",
        "02" + "00" * 32,
        "02" + "ff" * 32,
        "02" + f"{5:064x}",  # x = 5 has no y
        "04" + "11" * 64,
        BLINDED.upper(),
        f" {BLINDED}",
        f"{BLINDED}\n",
        BLINDED[2:],
        f"0x{BLINDED}",
        None,
        7,
        [BLINDED],
    ],
)
def test_what_is_no_canonical_point_is_refused(digits: object) -> None:
    with pytest.raises(curve.NotAPoint):
        curve.point(digits)


def test_a_secret_that_is_no_text_has_no_point() -> None:
    with pytest.raises(curve.NotAPoint):
        curve.y_of("\ud800")


@pytest.mark.parametrize("number", [0, curve.ORDER, curve.ORDER + 1, 2**256 - 1])
def test_what_is_no_private_key_is_none(number: int) -> None:
    assert curve.scalar(number.to_bytes(32, "big")) is None
