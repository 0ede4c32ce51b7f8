"""What every refusal is: a status, a name a program can act on, a sentence for a person."""

import re
from collections.abc import Mapping
from typing import ClassVar


class Refused(Exception):
    """The gateway will not do this; the message is the sentence it answers with."""

    status: ClassVar[int] = 400
    headers: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """`LinkExpired` is `link-expired` in the answer's X-Refusal header."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(self).__name__).lower()


class Malformed(Refused):
    """A part of the request cannot be read."""


class NothingHere(Refused):
    """There is nothing at this address, or nothing for this link: the answer does not tell."""

    status = 404

    def __init__(self, sentence: str = "There is nothing here that this link may see.") -> None:
        super().__init__(sentence)


class MethodNotAllowed(Refused):
    status = 405

    def __init__(self, *allowed: str) -> None:
        super().__init__(f"This address only answers {', '.join(allowed)}.")
        self.headers = {"Allow": ", ".join(allowed)}
