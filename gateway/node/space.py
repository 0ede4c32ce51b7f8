"""What a node may still take: of its quota, and of what the disk truly has free."""

import os
from dataclasses import dataclass
from pathlib import Path

SPARE = 64 * 1024 * 1024  # bytes left to the book and to the file system


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes. `quota` is sold at most, `promised` under leases, `stored` of these already here."""

    quota: int
    promised: int
    stored: int
    disk_free: int

    @property
    def free(self) -> int:
        """What could be promised now and kept."""
        coming = max(self.promised - self.stored, 0)
        return max(min(self.quota - self.promised, self.disk_free - SPARE - coming), 0)

    @property
    def is_disk_short(self) -> bool:
        """Whether the disk, not the quota, is what keeps the node from taking more."""
        coming = max(self.promised - self.stored, 0)
        return self.disk_free - SPARE - coming < self.quota - self.promised


def disk_free(folder: Path) -> int:
    """Bytes that a process like ours may still write there, as the file system says."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
