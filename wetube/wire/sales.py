"""One request at the counter: what is asked for, what is offered, and how a refusal leaves."""

from collections.abc import Mapping
from typing import Protocol

from django.conf import settings

from wetube.wire import answers
from wetube.wire.answers import Answer
from wetube.wire.goods import Offer
from wetube.wire.refusals import Refused
from wetube.wire.terms import Terms


class Asked(Protocol):
    """A request, as the gateway passes it on; header names are lower case."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query(self) -> Mapping[str, str]: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Sale:
    """What has been found out about the request so far."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.offer: Offer | None = None
        self.terms: Terms | None = None

    def header(self, name: str) -> str:
        """ "" when it was not sent; names are lower case."""
        return self.asked.headers.get(name, "")

    def refused(self, refusal: Refused) -> Answer:
        url = f"{settings.GATEWAY_URL}{self.asked.path}"
        return answers.refused(refusal, url=url, offer=self.offer, asked=self.terms)
