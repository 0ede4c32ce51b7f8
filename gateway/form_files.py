"""The file in a multipart/form-data body (RFC 7578), read as a stream."""

from collections import deque

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from gateway.asgi import Message, Receive
from gateway.refusals import Malformed


class FormFile:
    """Looks for the first file in a form; its bytes come by `receive`, as if they were a body."""

    def __init__(self, content_type: str, receive: Receive) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 0 < len(boundary) <= 70:
            raise Malformed("A file comes in a form of type multipart/form-data.")
        self._receive = receive
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )
        self._field = self._value = self._disposition = b""
        self._name: str | None = None
        self._inside = False
        self._complete = False
        self._bytes: deque[bytes] = deque()

    async def filename(self) -> str | None:
        """What the browser calls the file; None when it went away. Raises Malformed."""
        while self._name is None:
            if not await self._read_on():
                return None
        return self._name

    async def receive(self) -> Message:
        """The file's next bytes as an ASGI message; raises Malformed."""
        while not self._bytes and not self._complete:
            if not await self._read_on():
                return {"type": "http.disconnect"}
        body = b"".join(self._bytes)
        self._bytes.clear()
        return {"type": "http.request", "body": body, "more_body": not self._complete}

    async def _read_on(self) -> bool:
        """Feed the parser; False when the browser went away."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            return False
        try:
            self._parser.write(message.get("body", b""))
        except MultipartParseError:
            raise Malformed("The form cannot be read.") from None
        if not message.get("more_body") and not self._complete:
            raise Malformed("The form ends too early.")
        if self._complete and self._name is None:
            raise Malformed("There is no file in this form: choose one first.")
        return True

    def _on_part_begin(self) -> None:
        self._disposition = b""

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition":
            self._disposition = self._value
        self._field = self._value = b""

    def _on_headers_finished(self) -> None:
        name = parse_options_header(self._disposition)[1].get(b"filename", b"")
        if name and self._name is None:
            self._name = name.decode(errors="replace")[:255]
            self._inside = True

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._inside:
            self._bytes.append(data[start:end])

    def _on_part_end(self) -> None:
        self._inside = False

    def _on_end(self) -> None:
        self._complete = True
