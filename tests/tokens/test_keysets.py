"""Keys come from the seed alone, change monthly, and old ones still redeem."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.tokens import holder, make
from wetube.chain import keys
from wetube.cloudcoin.guarded import rewritten
from wetube.people.models import User
from wetube.tokens import curve, keysets, liability, seeds
from wetube.tokens.denominations import DENOMINATIONS
from wetube.tokens.models import BlindSignature, Keyset, SpentToken
from wetube.tokens.refusals import UnknownKeyset

pytestmark = pytest.mark.django_db

# NUT-02, version 2, the third vector's rule with our unit; printed by deriveKeysetId of
# @cashu/cashu-ts 4.8.0 for these keys, unit cld.
KEYS = {
    "1": "03a40f20667ed53513075dc51e715ff2046cad64eb68960632269ba7f0210e38bc",
    "2": "03fd4ce5a16b65576145949e6f99f445f8249fee17c606b688b504a849cdc452de",
    "10": "02648eccfa4c026960966276fa5a4cae46ce0fd432211a4f449bf84f13aa5f8303",
}
ID = "015f8536ae35e856a7daa5cdb90341d6a20fc1aa74c81b09498f3948437d1a82d6"


def test_an_id_is_what_wallets_derive() -> None:
    assert keysets.id_of(KEYS) == ID


def test_there_is_one_keyset_until_the_month_ends() -> None:
    first = keysets.current()

    assert keysets.current() == keysets.rotate_monthly() == first
    assert set(first.keys) == {str(size) for size in DENOMINATIONS}

    rewritten(Keyset.objects.all(), since=timezone.now() - timedelta(days=32))
    second = keysets.rotate_monthly()

    assert second != first
    assert keysets.current() == keysets.rotate_monthly() == second
    assert not Keyset.objects.get(pk=first.pk).active
    assert not set(first.keys.values()) & set(second.keys.values())


def test_old_tokens_are_worth_what_they_were(bob: User) -> None:
    tokens = holder.bought(bob, 1700)
    keysets.rotate()

    renewed = holder.swapped(tokens, [1000, 500, 200])

    assert {token.keyset for token in renewed} == {keysets.current().key}
    assert liability.outstanding() == 1700


def test_two_keysets_never_sign_at_once() -> None:
    keysets.current()

    with pytest.raises(IntegrityError), transaction.atomic():
        Keyset.objects.create(key="01", number=9, keys={})


def test_a_short_id_names_its_keyset_unless_two_begin_so() -> None:
    keyset = keysets.current()

    assert keysets.found(keyset.key) == keysets.found(keyset.key[:16]) == keyset
    with pytest.raises(UnknownKeyset):
        keysets.found(keyset.key[:14])

    Keyset.objects.create(key=keyset.key[:-1] + "z", number=9, keys={}, active=False)
    with pytest.raises(UnknownKeyset):
        keysets.found(keyset.key[:16])


def test_private_keys_are_not_in_the_database() -> None:
    keyset = keysets.current()
    k = keysets.private_key(keyset, 5)

    assert k is not None
    assert curve.key_of(k) == keyset.keys["5"]
    row = str(Keyset.objects.values().get(pk=keyset.pk))
    assert k.hex() not in row
    assert seeds.seed().hex() not in row


def test_another_seed_signs_nothing(monkeypatch: Any) -> None:
    keyset = keysets.current()
    monkeypatch.setattr(seeds, "seed", lambda: bytes(32))

    with pytest.raises(keysets.SeedChanged):
        keysets.private_key(keyset, 5)
    assert keysets.private_key(keyset, 3) is None


def test_the_seed_is_kept_encrypted_and_comes_back(settings: Any, tmp_path: Any) -> None:
    settings.KEYS_DIR = tmp_path / "keys"

    seed = seeds.seed()

    kept = (tmp_path / "keys" / "mint.json").read_text()
    assert seed.hex() not in kept
    assert (tmp_path / "keys" / "mint.json").stat().st_mode & 0o077 == 0
    keys._opened.cache_clear()
    assert seeds.seed() == seed


@pytest.mark.parametrize("row", [BlindSignature, SpentToken])
def test_the_database_keeps_what_was_signed_and_spent(bob: User, row: Any) -> None:
    holder.swapped(holder.bought(bob, 500), [200, 200, 100])
    before = make.everything()

    def run(change: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change.format(row._meta.db_table))

    for change in ("DELETE FROM {}", "UPDATE {} SET amount = 1"):
        with pytest.raises(IntegrityError, match="stay as written"):
            run(change)
    assert make.everything() == before
