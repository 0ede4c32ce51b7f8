"""Not asking again at once what has just not answered."""

import threading
import time


class Breaker:
    """Opens for `pause` seconds when told of a failure; shared by all threads of a process.

    While it is open nobody asks. When the pause is over one caller is let through;
    the others go on being refused until that one has told how it went.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._lock = threading.Lock()
        self._closed_from = 0.0

    def lets_through(self) -> bool:
        with self._lock:
            if not self._closed_from:
                return True
            now = time.monotonic()
            if now < self._closed_from:
                return False
            self._closed_from = now + self._pause
            return True

    def failed(self) -> None:
        with self._lock:
            self._closed_from = time.monotonic() + self._pause

    def worked(self) -> None:
        self._closed_from = 0.0

    @property
    def is_open(self) -> bool:
        return bool(self._closed_from)
