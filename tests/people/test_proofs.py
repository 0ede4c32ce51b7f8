"""A proof of work counts once, for what and whom it was asked, and only in time."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import assume, given
from hypothesis import strategies as st

from wetube.people import proofs, tasks
from wetube.people.models import SpentProof


def solve(challenge: str) -> str:
    key, bits = challenge.split(".")[:2]
    number = 0
    while proofs.leading_zeros(proofs.work(key, str(number))) < int(bits):
        number += 1
    return f"{challenge}.{number}"


def ask(*, purpose: str = "test", holder: str = "me", bits: int = 2) -> str:
    return proofs.challenge(purpose=purpose, holder=holder, bits=bits)


@pytest.mark.django_db
def test_a_proof_is_accepted_once() -> None:
    proof = solve(ask())
    proofs.accept(proof, purpose="test", holder="me")
    with pytest.raises(proofs.ProofSpent):
        proofs.accept(proof, purpose="test", holder="me")
    assert SpentProof.objects.count() == 1


@pytest.mark.django_db
def test_of_two_at_once_the_row_decides() -> None:
    proof = solve(ask())
    key = proof.split(".")[0]
    proofs.accept(proof, purpose="test", holder="me")
    with pytest.raises(proofs.ProofSpent):
        proofs._spend(key, timezone.now())
    assert SpentProof.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("purpose", "holder"), [("other", "me"), ("test", "you")])
def test_a_proof_for_something_or_somebody_else_is_refused(purpose: str, holder: str) -> None:
    proof = solve(ask())
    with pytest.raises(proofs.ProofForged):
        proofs.accept(proof, purpose=purpose, holder=holder)
    assert not SpentProof.objects.exists()


@pytest.mark.django_db
def test_an_old_challenge_is_refused() -> None:
    proof = solve(ask())
    with (
        time_machine.travel(timezone.now() + proofs.LIFE + timedelta(seconds=2)),
        pytest.raises(proofs.ProofExpired),
    ):
        proofs.accept(proof, purpose="test", holder="me")
    assert not SpentProof.objects.exists()


@pytest.mark.django_db
def test_a_number_that_does_not_solve_it_is_refused() -> None:
    challenge = ask(bits=4)
    key = challenge.split(".")[0]
    wrong = next(n for n in range(99) if proofs.leading_zeros(proofs.work(key, str(n))) < 4)
    with pytest.raises(proofs.ProofWrong):
        proofs.accept(f"{challenge}.{wrong}", purpose="test", holder="me")
    assert not SpentProof.objects.exists()


@given(st.text(max_size=200))
def test_what_is_no_proof_is_refused_before_any_work(proof: str) -> None:
    with pytest.raises(proofs.ProofForged):
        proofs.accept(proof, purpose="test", holder="me")


@given(st.integers(0, 2), st.text("0123456789abcdef.", min_size=1, max_size=12))
def test_a_changed_challenge_is_refused_before_any_work(part: int, other: str) -> None:
    parts = ask().split(".")
    assume(parts[part] != other)
    parts[part] = other
    with pytest.raises(proofs.ProofForged):
        proofs.accept(".".join([*parts, "1"]), purpose="test", holder="me")


@pytest.mark.parametrize(
    ("digest", "bits"), [(b"\xff", 0), (b"\x01", 7), (b"\x00\x80", 8), (b"\x00\x00", 16)]
)
def test_leading_zeros_are_counted_in_bits(digest: bytes, bits: int) -> None:
    assert proofs.leading_zeros(digest) == bits


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("crowd", "bits"), [(0, 6), (29, 6), (30, 7), (60, 8), (120, 9), (1000, 10)]
)
def test_a_crowd_makes_it_harder_for_a_while(crowd: int, bits: int) -> None:
    expires = timezone.now() + proofs.LIFE
    SpentProof.objects.bulk_create(
        SpentProof(challenge=f"proof {number}", expires=expires) for number in range(crowd)
    )
    assert proofs.bits_now() == bits
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert proofs.bits_now() == proofs.BITS


@pytest.mark.django_db
def test_spent_proofs_are_forgotten_once_they_could_not_come_again() -> None:
    proofs.accept(solve(ask()), purpose="test", holder="me")
    tasks.forget_expired()
    assert SpentProof.objects.count() == 1
    with time_machine.travel(timezone.now() + proofs.LIFE + timedelta(seconds=2)):
        tasks.forget_expired()
    assert not SpentProof.objects.exists()
