"""The gateway's keys: made once, encrypted, readable by their owner alone."""

import json
import threading
from pathlib import Path

import pytest
from eth_account import Account
from pytest_django import Settings

from wetube.chain import keys


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.KEYS_DIR = tmp_path / "keys"
    monkeypatch.delenv("KEYS_PASSWORD", raising=False)
    monkeypatch.delenv("KEYS_PASSWORD_FILE", raising=False)
    monkeypatch.setattr(keys, "SCRYPT_N", 2**8)
    return tmp_path / "keys"


def test_each_role_has_its_own_key_and_keeps_it() -> None:
    assert [keys.create(role) for role in keys.ROLES] == [True] * len(keys.ROLES)
    first = {role: keys.account(role).address for role in keys.ROLES}
    assert [keys.create(role) for role in keys.ROLES] == [False] * len(keys.ROLES)
    assert {role: keys.address(role) for role in keys.ROLES} == first
    assert len(set(first.values())) == len(keys.ROLES)


def test_files_are_the_owners_alone_and_hold_no_key_in_clear(folder: Path) -> None:
    keys.create("relayer")
    secret = bytes(keys.account("relayer").key).hex()
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert secret not in path.read_text().lower()
    assert sorted(path.name for path in folder.iterdir()) == ["password", "relayer.json"]


def test_another_wallet_opens_the_export_with_the_password() -> None:
    keys.create("poster")
    exported = json.loads(keys.export("poster"))
    opened = Account.decrypt(exported, keys.password())
    assert bytes(opened) == bytes(keys.account("poster").key)
    with pytest.raises(ValueError, match="MAC"):
        Account.decrypt(exported, "wrong")


def test_the_password_may_come_from_outside(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").write_text("a long password\n")
    monkeypatch.setenv("KEYS_PASSWORD_FILE", str(tmp_path / "elsewhere"))
    keys.create("relayer")
    assert not (folder / "password").exists()
    assert "outside" in keys.protection()

    monkeypatch.setenv("KEYS_PASSWORD", "another")
    with pytest.raises(keys.WrongPassword):
        keys.account("relayer")
    monkeypatch.setenv("KEYS_PASSWORD", "a long password")
    assert keys.account("relayer").address == keys.address("relayer")


def test_a_password_beside_the_keys_is_called_what_it_is() -> None:
    assert "lies beside the keys" in keys.protection()


@pytest.mark.parametrize("role", ["relayer", "../relayer", "nobody", ""])
def test_a_key_that_is_not_there_is_named(role: str) -> None:
    for ask in (keys.account, keys.address, keys.export):
        with pytest.raises(keys.MissingKey):
            ask(role)


def test_of_several_at_once_one_makes_the_key(folder: Path) -> None:
    keys.password()
    made: list[bool] = []
    threads = [
        threading.Thread(target=lambda: made.append(keys.create("witness"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, False, False, True]
    assert keys.account("witness").address == keys.address("witness")
    assert sorted(path.name for path in folder.iterdir()) == ["password", "witness.json"]


def test_what_shows_a_key_in_words_does_not_show_its_secret() -> None:
    keys.create("relayer")
    account = keys.account("relayer")
    assert bytes(account.key).hex() not in repr(account) + str(account)
