"""Asking the two servers whether they answer yet, without holding up their logs."""

import http.client
import threading
import time
from urllib.parse import urlsplit


class Answers:
    """True once every address has answered without a server's error.

    Asks in a thread of its own.
    """

    def __init__(self, *urls: str) -> None:
        self._done = threading.Event()
        threading.Thread(target=self._ask_all, args=(urls,), daemon=True).start()

    def __call__(self) -> bool:
        return self._done.is_set()

    def _ask_all(self, urls: tuple[str, ...]) -> None:
        for url in urls:
            while not answers(url):
                time.sleep(0.2)
        self._done.set()


def answers(url: str, *, seconds: float = 10) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
