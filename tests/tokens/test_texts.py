"""Tokens as text: the specification's examples, short ids, and what is refused."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from tests.tokens import holder
from wetube.tokens import cbor, texts
from wetube.tokens.inputs import Token
from wetube.tokens.refusals import DoubledInput, Malformed, OtherMint, TokenRefused, WrongUnit

HIDDEN = "9a6dbb847bd232ba76db0df197216b29d3b8cc14553cd27827fc1cc942fedb4e"
C = "038618543ffb6b8695df4ad4babcde92a34a96bdcd97dcee0d7ccf98d472126792"
# NUT-00, "Single keyset".
EXAMPLE = (
    "cashuBpGF0gaJhaUgArSaMTR9YJmFwgaNhYQFhc3hAOWE2ZGJiODQ3YmQyMzJiYTc2ZGIwZGYxOTcyMTZiMjlkM2I4Y2"
    "MxNDU1M2NkMjc4MjdmYzFjYzk0MmZlZGI0ZWFjWCEDhhhUP_trhpXfStS6vN6So0qWvc2X3O4NfM-Y1HISZ5JhZGlUaG"
    "FuayB5b3VhbXVodHRwOi8vbG9jYWxob3N0OjMzMzhhdWNzYXQ="
)
PROOF = {"amount": 1, "id": "00ad268c4d1f5826", "secret": HIDDEN, "C": C}


@pytest.fixture(autouse=True)
def _here(settings: Any) -> None:
    settings.SITE_URL = "https://tube.example"


def written_a(**changes: object) -> str:
    said = {"mint": "https://tube.example/mint", "proofs": [PROOF], **changes}
    unit = said.pop("unit", "cld")
    text = json.dumps({"token": [said], "unit": unit})
    return "cashuA" + texts.encoded(text.encode())


def test_the_specifications_example_is_read_but_is_another_mints(monkeypatch: Any) -> None:
    with pytest.raises(OtherMint):
        texts.read(EXAMPLE)

    monkeypatch.setattr(texts, "mint_url", lambda: "http://localhost:3338")
    monkeypatch.setattr(texts, "UNIT", "sat")

    [token] = texts.read(f"cashu:{EXAMPLE}")
    assert (token.amount, token.keyset) == (1, "00ad268c4d1f5826")
    assert (token.secret, token.c) == (HIDDEN, C)


def test_both_forms_say_the_same(monkeypatch: Any) -> None:
    [token] = texts.read(written_a())

    assert texts.read(holder.as_text([token])) == [token]


def test_a_token_does_not_print_its_secret() -> None:
    [token] = texts.read(written_a())

    assert HIDDEN not in repr(token)
    assert C not in repr(token)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", Malformed),
        ("cashu", Malformed),
        ("cashuC" + EXAMPLE[6:], Malformed),
        ("casshuB" + EXAMPLE[6:], Malformed),
        (EXAMPLE[6:], Malformed),
        (EXAMPLE[:-20], Malformed),
        ("cashuB" + "A" * 100_000, Malformed),
        ("cashuB" + "é" * 10, Malformed),
        ("cashuA" + texts.encoded(b"[" * 20_000), Malformed),
        ("cashuA" + texts.encoded(b'{"token": 7}'), Malformed),
        ("cashuA" + texts.encoded(b'{"token": [], "unit": "cld"}'), Malformed),
        (written_a(mint="https://other.example/mint"), OtherMint),
        (written_a(unit="sat"), WrongUnit),
        (written_a(proofs=[]), Malformed),
        (written_a(proofs=[PROOF, PROOF]), DoubledInput),
        (written_a(proofs=[{**PROOF, "amount": 1.0}]), Malformed),
        (written_a(proofs=[{**PROOF, "amount": True}]), Malformed),
        (written_a(proofs=[{**PROOF, "amount": "1"}]), Malformed),
        (written_a(proofs=[{**PROOF, "secret": ""}]), Malformed),
        (written_a(proofs=[{**PROOF, "secret": "x" * 1025}]), Malformed),
        (written_a(proofs=[{**PROOF, "secret": "\ud800"}]), Malformed),
        (written_a(proofs=[{**PROOF, "id": None}]), Malformed),
        (written_a(proofs=["proof"]), Malformed),
    ],
)
def test_what_is_no_token_of_ours_is_refused_by_name(
    text: str, refusal: type[TokenRefused]
) -> None:
    with pytest.raises(refusal):
        texts.read(text)


@pytest.mark.parametrize(
    "said",
    [
        7,
        [],
        {"m": "https://tube.example/mint", "u": "cld"},
        {"m": "https://tube.example/mint", "u": "cld", "t": [7]},
        {"m": "https://tube.example/mint", "u": "cld", "t": [{"i": b"", "p": [7]}]},
        {"m": "https://tube.example/mint", "u": "cld", "t": [{"i": "", "p": []}]},
        {"m": "https://tube.example/mint", "u": "cld", "t": []},
    ],
)
def test_cbor_of_another_form_is_refused(said: cbor.Item) -> None:
    with pytest.raises(Malformed):
        texts.read("cashuB" + texts.encoded(cbor.write(said)))


def test_a_request_names_amount_unit_and_mint() -> None:
    request = texts.request(5_000_000)

    assert request.startswith("creqA")
    padded = request[5:] + "=" * (-len(request[5:]) % 4)
    assert cbor.read(urlsafe_b64decode(padded)) == {
        "a": 5_000_000,
        "u": "cld",
        "m": ["https://tube.example/mint"],
    }


def test_ids_of_any_length_travel(monkeypatch: Any) -> None:
    long = Token(amount=5, keyset="01" + "ab" * 32, secret=HIDDEN, c=C, y="")

    assert texts.read(holder.as_text([long]))[0].keyset == long.keyset
