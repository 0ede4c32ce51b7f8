"""A person with a browser: pages, forms and cookies, by plain HTTP."""

import http.client
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import TypeVar
from urllib.parse import urlencode

Answer = TypeVar("Answer")
PATIENCE = 90.0  # seconds
TIMEOUT = 35.0
NOBODY = (OSError, http.client.HTTPException)


class NotLetIn(Exception):
    """The log-in form did not let the person in."""


@dataclass(frozen=True)
class Page:
    status: int
    text: str

    def says(self) -> str:
        """The first heading, for a line of a report."""
        found = re.search(r"<h1[^>]*>([^<]*)", self.text)
        return found[1].strip() if found else self.text[:80]


@dataclass
class Visitor:
    """Each request has a connection of its own; several threads may ask at once.

    `slowest` is the longest any answer, or its failing to come, took in seconds.
    """

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    slowest: float = 0.0

    def log_in(self, phrase: str) -> None:
        """By the twelve words, through the form. Raises NotLetIn."""
        asked_again(lambda: self.look("/log-in/"))
        page = asked_again(lambda: self.press("/log-in/phrase/", phrase=phrase))
        if page.status != http.client.FOUND:
            raise NotLetIn(f"The log-in form answered {page.status}: {page.says()}")

    def look(self, path: str) -> Page:
        """Raises OSError or HTTPException where nobody answers."""
        return self._ask("GET", path)

    def press(self, path: str, **fields: str) -> Page:
        """Send a form of this site; raises as `look` does."""
        return self._ask(
            "POST", path, {**fields, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")}
        )

    def _ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Page:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        began = time.monotonic()
        try:
            connection.request(method, path, body=urlencode(fields or {}), headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            connection.close()
            self.slowest = max(self.slowest, time.monotonic() - began)
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: crumb.value for name, crumb in SimpleCookie(line).items()}
        return Page(answer.status, text)


def asked_again(ask: Callable[[], Answer]) -> Answer:
    """Ask until somebody answers; raises what kept us from it after PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return ask()
        except NOBODY:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
