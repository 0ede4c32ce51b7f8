"""Where a film lies on disk while it is made: its source and the folder of its pieces."""

import shutil
from pathlib import Path

from django.conf import settings


def source(key: str) -> Path:
    """The file as uploaded; the gateway writes it."""
    return Path(settings.UPLOADS_DIR) / key / "source"


def bench(key: str) -> Path:
    """The film's own folder for everything made on the way."""
    folder = Path(settings.WORK_DIR) / key
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def clear(key: str) -> None:
    """Throw away source and work; nothing happens when they are gone already."""
    shutil.rmtree(source(key).parent, ignore_errors=True)
    shutil.rmtree(Path(settings.WORK_DIR) / key, ignore_errors=True)
