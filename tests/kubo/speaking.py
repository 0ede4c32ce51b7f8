"""A server that answers each request with bytes a test has written."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Speaker:
    """Gives the next of its answers to each request, whatever is asked."""

    def __init__(self, *answers: bytes) -> None:
        self.asked: list[bytes] = []
        self._answers = list(answers)
        self._talks: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._answers.clear()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in (self._thread, *self._talks):
            thread.join(10)

    def _serve(self) -> None:
        while self._answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed
                return
            talk = threading.Thread(target=self._talk, args=[connection], daemon=True)
            talk.start()
            self._talks.append(talk)

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(10)
            self._answer_all(connection)

    def _answer_all(self, connection: socket.socket) -> None:
        while self._answers:
            head, whole = b"", False
            while not whole:
                data = connection.recv(65_536)
                if not data:
                    return
                head += data
                whole = _is_whole(head)
            self.asked.append(head)
            answer = self._answers.pop(0)
            connection.sendall(answer)
            if b"Connection: close" in answer:
                return


def _is_whole(request: bytes) -> bool:
    head, _, body = request.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        return body.endswith(b"0\r\n\r\n")
    return b"\r\n\r\n" in request


@contextmanager
def speaking(*answers: bytes) -> Iterator[Speaker]:
    speaker = Speaker(*answers)
    try:
        yield speaker
    finally:
        speaker.close()


def chunked(*pieces: bytes, trailer: bytes = b"", status: bytes = b"200 OK") -> bytes:
    """An answer in parts, as Kubo's are; `trailer` is whole lines."""
    parts = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    head = b"HTTP/1.1 %b\r\nTransfer-Encoding: chunked\r\nTrailer: X-Stream-Error\r\n\r\n" % status
    return head + parts + b"0\r\n" + trailer + b"\r\n"
