"""A grant opens with the key that signed it, unaltered and in time, and not otherwise."""

from string import printable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node_bridge import Grant, GrantExpired, GrantForged, GrantRefused, Keyring, canonical
from node_bridge import cid as cids

OLD, NEW = b"o" * 32, b"n" * 32
RING = Keyring([NEW, OLD])
CID = str(cids.of(b"hello world"))
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

digests = st.binary(min_size=32, max_size=32)
cid_texts = st.builds(lambda digest: str(cids.ParsedCid(cids.DAG_PB, digest)), digests)
names = st.text(min_size=1, max_size=30)
grants = st.builds(
    Grant,
    verb=st.sampled_from(["read", "upload"]),
    subject=cid_texts | names | st.just("preview:abcdefghijk"),
    expires=st.integers(0, 2**40 - 1),
    limit=st.integers(0, 2**63 - 1),
    key=st.text(BASE64URL, max_size=22),
)


@given(grants)
def test_what_was_signed_is_what_opens(grant: Grant) -> None:
    assert RING.open(RING.sign(grant), now=grant.expires - 1) == grant


@given(grants)
def test_at_its_second_of_expiry_it_is_over(grant: Grant) -> None:
    with pytest.raises(GrantExpired):
        RING.open(RING.sign(grant), now=grant.expires)


@given(grants, st.data())
def test_one_changed_letter_is_a_forgery(grant: Grant, data: st.DataObject) -> None:
    token = RING.sign(grant)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(BASE64URL).filter(lambda each: each != token[place]))
    with pytest.raises(GrantForged):
        RING.open(token[:place] + letter + token[place + 1 :], now=0)


@given(grants, st.integers(1, 400))
def test_a_shortened_token_is_a_forgery(grant: Grant, cut: int) -> None:
    token = RING.sign(grant)
    for shorter in (token[: max(len(token) - cut, 0)], token[cut:]):
        with pytest.raises(GrantForged):
            RING.open(shorter, now=0)


@given(grants, st.text(printable, min_size=1, max_size=20))
def test_a_lengthened_token_is_a_forgery(grant: Grant, more: str) -> None:
    token = RING.sign(grant)
    for longer in (token + more, more + token):
        with pytest.raises(GrantForged):
            RING.open(longer, now=0)


@given(st.text(max_size=600))
def test_no_text_breaks_the_door(text: str) -> None:
    with pytest.raises(GrantRefused):
        RING.open(text, now=0)


@pytest.mark.parametrize("bits", [1, 2, 3])
def test_another_base64_writing_of_the_same_bytes_is_refused(bits: int) -> None:
    """The last letter carries bits that decode to nothing; only zeros are ours."""
    for length in range(3):
        token = RING.sign(Grant("read", "n" * (20 + length), 100))
        if len(token) % 4:
            last = BASE64URL[BASE64URL.index(token[-1]) | bits]
            assert last != token[-1]
            with pytest.raises(GrantForged):
                RING.open(token[:-1] + last, now=0)
        for writing in (token + "=" * (-len(token) % 4 or 4), token + "\n", f" {token}"):
            with pytest.raises(GrantForged):
                RING.open(writing, now=0)


def test_the_first_secret_signs_and_every_secret_opens() -> None:
    grant = Grant("upload", "abcdefghijk", expires=100, limit=50_000_000_000, key="k")

    assert RING.open(Keyring([OLD]).sign(grant), now=0) == grant
    assert Keyring([NEW]).open(RING.sign(grant), now=0) == grant
    with pytest.raises(GrantForged):
        Keyring([OLD]).open(RING.sign(grant), now=0)


def test_a_read_grant_stays_short() -> None:
    token = RING.sign(Grant("read", CID, expires=1_800_000_000, key="abcdefghijk"))

    assert len(token) <= 100
    assert set(token) <= set(BASE64URL)


def test_a_cid_in_another_writing_comes_back_as_it_was() -> None:
    shouted = "B" + CID[1:].upper()
    assert canonical(shouted) == CID

    grant = Grant("read", shouted, expires=10)

    assert RING.open(RING.sign(grant), now=0).subject == shouted


@pytest.mark.parametrize(
    "wrong",
    [
        {"verb": "delete"},
        {"subject": ""},
        {"subject": "é" * 64},
        {"key": "k" * 64},
        {"expires": -1},
        {"expires": 2**40},
        {"limit": -1},
        {"limit": 2**63},
    ],
)
def test_a_grant_out_of_bounds_cannot_be_made(wrong: dict[str, object]) -> None:
    whole: dict[str, object] = {"verb": "read", "subject": CID, "expires": 1, **wrong}
    with pytest.raises(ValueError, match=r"grant"):
        Grant(**whole)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize("secrets", [[], [b"short"], [NEW, b""]])
def test_a_keyring_needs_real_secrets(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="at least one secret"):
        Keyring(secrets)
