"""The gateway's own keys, one a role, each in an encrypted file (Web3 Secret Storage, v3).

relayer     pays for gas; holds no coin and has no say over any
authorizer  signs what is claimed of and given back from channels; can claim no more than was signed
poster      posts payout roots; the vault lets it promise no more than it holds
witness     signs which node is given how much new coin; within the schedule
deposits    the root of the addresses people top up at; coin rests there until it is swept
mint        what the blind tokens' keys are derived from; its address is used for nothing

The password is KEYS_PASSWORD, or the file KEYS_PASSWORD_FILE, or one made at the first start
beside the keys. That last one protects a copy of the key files alone, as in a backup without it;
against somebody who reads the whole folder it protects nothing. A machine that holds much coin
gets the password from outside.
"""

import json
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from eth_account import Account
from eth_account.signers.local import LocalAccount

from wetube.environment import envsecret

ROLES = ("relayer", "authorizer", "poster", "witness", "deposits", "mint")
# scrypt's work: some tens of milliseconds and 32 MB, once per key and process.
SCRYPT_N = 2**15


class MissingKey(Exception):
    """This role has no key yet."""

    def __init__(self, role: str) -> None:
        super().__init__(f"There is no key for {role}; run manage.py cloudcoin keys create.")


class WrongPassword(Exception):
    """The password does not open this key."""

    def __init__(self, role: str) -> None:
        super().__init__(f"The password does not open the key of the {role}.")


def account(role: str) -> LocalAccount:
    """The role's key, opened once per process; raises MissingKey and WrongPassword."""
    return _opened(role, key_file(role), password())


def address(role: str) -> str:
    """The role's address, without opening its key; raises MissingKey."""
    return str(_stored(role)["address"])


def exists(role: str) -> bool:
    return key_file(role).exists()


def create(role: str) -> bool:
    """Make a key for the role unless it has one; True if this call made it."""
    return adopt(role, Account.create())


def adopt(role: str, key: LocalAccount) -> bool:
    """Keep `key` for the role unless it has one; True if it is kept now because of this call."""
    path = key_file(role)
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    stored = Account.encrypt(bytes(key.key), password(), kdf="scrypt", iterations=SCRYPT_N)
    return _link_once(path, json.dumps({**stored, "address": key.address}))


def export(role: str) -> str:
    """The encrypted file's text, for a backup or another wallet; raises MissingKey."""
    return json.dumps(_stored(role))


def password() -> str:
    """What opens the keys; made at the first call where nothing names one."""
    return envsecret("KEYS_PASSWORD", keep_in=Path(settings.KEYS_DIR) / "password")


def protection() -> str:
    """What stands between a thief of the key files and the keys, said honestly."""
    if os.environ.get("KEYS_PASSWORD") or os.environ.get("KEYS_PASSWORD_FILE"):
        return "The password comes from outside this folder."
    return (
        "The password lies beside the keys: it protects a copy of the key files alone, and "
        "nothing from somebody who reads this whole folder. Give KEYS_PASSWORD_FILE from elsewhere."
    )


def _stored(role: str) -> dict[str, Any]:
    try:
        stored: dict[str, Any] = json.loads(key_file(role).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingKey(role) from None
    return stored


@lru_cache(maxsize=64)
def _opened(role: str, path: Path, secret: str) -> LocalAccount:
    try:
        key: LocalAccount = Account.from_key(Account.decrypt(_stored(role), secret))
    except ValueError as error:
        raise WrongPassword(role) from error
    return key


def key_file(role: str) -> Path:
    if role not in ROLES:
        raise MissingKey(role)
    return Path(settings.KEYS_DIR) / f"{role}.json"


def _link_once(path: Path, text: str) -> bool:
    """Whole on disk or not there at all; of several hands at once the first wins."""
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        Path(draft).unlink()
    _sync_folder(path.parent)
    return True


def _sync_folder(folder: Path) -> None:
    """Coin is sent to a key's address at once, so its name must be on disk, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
