"""Where a film lies on disk while it is made: its source and the folder of its pieces."""

import shutil
import time
from pathlib import Path

from django.conf import settings

QUIET_SECONDS = 60
KEY_LENGTH = 11  # letters of a film's key


def source(key: str) -> Path:
    """The file as uploaded; the gateway writes it."""
    return Path(settings.UPLOADS_DIR) / key / "source"


def is_whole(key: str, size: int) -> bool:
    """Whether all bytes of an upload lie here and nobody has touched them for a minute.

    While the gateway compares a checksum, bytes may still be taken back.
    """
    file = source(key)
    try:
        found = file.stat()
    except FileNotFoundError:
        return False
    is_quiet = found.st_mtime < time.time() - QUIET_SECONDS
    return found.st_size == size and is_quiet and not (file.parent / "unverified").exists()


def bench(key: str) -> Path:
    """The film's own folder for everything made on the way."""
    folder = Path(settings.WORK_DIR) / key
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def keys() -> set[str]:
    """Films that have anything here, whether they still exist or not.

    Nodes bring results of jobs by the same way in; those keys are longer than a film's.
    """
    folders = (Path(settings.UPLOADS_DIR), Path(settings.WORK_DIR))
    found = {path.name for folder in folders if folder.exists() for path in folder.iterdir()}
    return {key for key in found if len(key) <= KEY_LENGTH}


def clear(key: str) -> None:
    """Throw away source and work; nothing happens when they are gone already."""
    shutil.rmtree(source(key).parent, ignore_errors=True)
    shutil.rmtree(Path(settings.WORK_DIR) / key, ignore_errors=True)
