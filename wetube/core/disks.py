"""How much room there is."""

import shutil
from pathlib import Path


def room_on(folder: Path) -> int:
    """Bytes free on the disk that holds this folder, or will hold it."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free
