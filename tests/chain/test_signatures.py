"""One signature, one form: what contracts refuse never gets in (the four malleable forms)."""

from collections.abc import Callable

import pytest
from coincurve import PrivateKey

from wetube.chain import addresses, vouchers
from wetube.chain.hashing import keccak
from wetube.chain.signatures import ORDER, BadSignature, canonical

KEY = PrivateKey(b"\x07" * 32)
ADDRESS = addresses.checksummed(keccak(KEY.public_key.format(compressed=False)[1:])[12:])
DIGEST = vouchers.digest(31337, b"\x11" * 32, 250)


def sign() -> bytes:
    """In the form contracts accept: coincurve always takes the lower half for s."""
    signature = KEY.sign_recoverable(DIGEST, hasher=None)
    return signature[:64] + bytes([signature[64] + 27])


def low_v(signature: bytes) -> bytes:
    return signature[:64] + bytes([signature[64] - 27])


def high_s(signature: bytes) -> bytes:
    s = ORDER - int.from_bytes(signature[32:64])
    return signature[:32] + s.to_bytes(32) + bytes([27 + 28 - signature[64]])


def high_s_and_low_v(signature: bytes) -> bytes:
    return low_v(high_s(signature))


@pytest.mark.parametrize("form", [low_v, high_s, high_s_and_low_v])
def test_other_writings_of_a_signature_become_the_one_contracts_accept(
    form: Callable[[bytes], bytes],
) -> None:
    assert form(sign()) != sign()
    assert canonical(form(sign())) == sign()
    assert vouchers.signer(DIGEST, form(sign())) == ADDRESS


def test_the_accepted_form_stays_as_it_is() -> None:
    assert canonical(sign()) == sign()
    assert vouchers.signer(DIGEST, sign()) == ADDRESS


@pytest.mark.parametrize("v", [2, 26, 29, 35, 36, 37, 62709, 255])
def test_a_v_of_another_kind_is_refused(v: int) -> None:
    with pytest.raises(BadSignature):
        canonical(sign()[:64] + bytes([v & 0xFF]))


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        sign()[:64],
        sign() + b"\0",
        bytes(32) + sign()[32:],
        sign()[:32] + bytes(32) + sign()[64:],
        ORDER.to_bytes(32) + sign()[32:],
        sign()[:32] + ORDER.to_bytes(32) + sign()[64:],
    ],
    ids=["empty", "EIP-2098", "trailing byte", "r of 0", "s of 0", "r too large", "s too large"],
)
def test_what_is_no_signature_is_refused(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        canonical(signature)


def test_an_r_that_lies_on_no_point_is_refused() -> None:
    off_curve = (5).to_bytes(32) + sign()[32:]
    with pytest.raises(BadSignature):
        vouchers.signer(DIGEST, off_curve)


def test_another_digest_has_another_signer() -> None:
    assert vouchers.signer(vouchers.digest(31337, b"\x11" * 32, 251), sign()) != ADDRESS
