"""Memory that was freed is kept for the next block, where the C library allows it.

glibc gives memory above 128 KiB back to the system as soon as it is free, and
then has every page of the next block's mebibyte mapped anew: that took longer
than hashing it. It allows itself to keep what it is told to (mallopt(3)).
"""

import ctypes

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3  # malloc.h
KEPT = 64 << 20  # bytes that a thread's heap may hold free
LARGE = 32 << 20  # bytes from which a piece is still given back at once; the most there is


def keep_what_is_freed() -> bool:
    """For the whole process, from now on; False where the C library is another."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    settings = ((TRIM_THRESHOLD, KEPT), (TOP_PAD, KEPT // 4), (MMAP_THRESHOLD, LARGE))
    return all(mallopt(which, size) == 1 for which, size in settings)
