"""The shapes of ASGI 3.0, and one HTTP request read out of its scope."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """What was asked for, and the ways to its body and its asker; header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    query_string: str
    receive: Receive
    send: Send

    @classmethod
    def of(cls, scope: Scope, receive: Receive, send: Send) -> "Request":
        headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        query = scope.get("query_string", b"").decode("latin-1")
        return cls(scope["method"], scope["path"], headers, query, receive, send)

    @cached_property
    def query(self) -> Mapping[str, str]:
        """Each name's last value, blank ones too; at most 16 are looked at."""
        if not self.query_string:
            return {}
        try:
            return dict(parse_qsl(self.query_string, keep_blank_values=True, max_num_fields=16))
        except ValueError:
            return {}

    @property
    def content_length(self) -> int | None:
        text = self.headers.get("content-length")
        if text is None:
            return None
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None

    @property
    def has_body(self) -> bool:
        return bool(self.content_length) or "transfer-encoding" in self.headers
