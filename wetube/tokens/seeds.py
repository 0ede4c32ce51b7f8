"""The seed of all the mint's private keys: 32 bytes, kept encrypted in the data folder.

`keys/mint.json` holds it under AES-256-GCM with a key that scrypt makes of a password:
KEYS_PASSWORD, the file KEYS_PASSWORD_FILE, or `keys/password`, made at the first start. Whoever
has both can make tokens out of nothing; whoever loses the file can redeem none.
"""

import json
import os
import secrets
from functools import lru_cache
from hashlib import scrypt
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from wetube.environment import envsecret

COST = 2**14
LABEL = b"wetube mint seed 1"


class SeedSealed(Exception):
    """The file does not open with this password, or is not what it should be."""


def seed() -> bytes:
    """The seed, made at the first asking. Raises SeedSealed."""
    return _opened(Path(settings.DATA_DIR) / "keys")


@lru_cache(maxsize=4)
def _opened(folder: Path) -> bytes:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = envsecret("KEYS_PASSWORD", keep_in=folder / "password")
    path = folder / "mint.json"
    if not path.exists():
        _keep(path, _sealed(secrets.token_bytes(32), password))
    return _unsealed(path.read_text(), password)


def _keep(path: Path, text: str) -> None:
    """Several processes may start at once: the one that links its file first wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with draft.open() as file:
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _sealed(plain: bytes, password: str) -> str:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_key(password, salt)).encrypt(nonce, plain, LABEL)
    parts = {"scrypt": COST, "salt": salt, "nonce": nonce, "sealed": sealed}
    return json.dumps({k: v.hex() if isinstance(v, bytes) else v for k, v in parts.items()})


def _unsealed(text: str, password: str) -> bytes:
    try:
        parts = json.loads(text)
        salt, nonce, sealed = (bytes.fromhex(parts[name]) for name in ("salt", "nonce", "sealed"))
        return AESGCM(_key(password, salt)).decrypt(nonce, sealed, LABEL)
    except (InvalidTag, ValueError, KeyError, TypeError) as error:
        raise SeedSealed("The mint's seed does not open: is this its password?") from error


def _key(password: str, salt: bytes) -> bytes:
    return scrypt(password.encode(), salt=salt, n=COST, r=8, p=1, maxmem=64 * 1024**2, dklen=32)
