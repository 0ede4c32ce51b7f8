"""Reading settings from environment variables."""

import os
import secrets
from pathlib import Path


def envbool(name: str, default: bool) -> bool:  # noqa: FBT001 - a setting's default reads best in place
    """True for 1, true, yes and on, in any case."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def envint(name: str, default: int) -> int:
    return int(os.environ.get(name) or default)


def envlist(name: str, default: list[str]) -> list[str]:
    """A comma-separated list without empty parts."""
    value = os.environ.get(name)
    return default if value is None else [part.strip() for part in value.split(",") if part.strip()]


def envnote(name: str, path: Path) -> str:
    """The value, else what another process has left in a file; "" with neither."""
    if value := os.environ.get(name):
        return value
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def envsecret(name: str, keep_in: Path) -> str:
    """The secret `name`, or the contents of the file `name_FILE`.

    With neither, a random one made at the first start and kept in `keep_in`,
    readable by its owner only, so that a later start finds the same.
    """
    if value := os.environ.get(name):
        return value
    path = Path(os.environ.get(f"{name}_FILE") or keep_in)
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return _first_secret(path)


def _first_secret(path: Path) -> str:
    """Several processes may start at once: the one that links its file first wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()
