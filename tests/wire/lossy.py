"""A proxy that passes requests on and loses the answers it is told to lose."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Lossy:
    """Before a gateway on loopback; while `drop_paid_answers`, who paid hears nothing."""

    listener: socket.socket
    target: int
    drop_paid_answers: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.target)) as gateway:
            while request := client.recv(65536):
                while b"\r\n\r\n" not in request:
                    request += client.recv(65536)
                gateway.sendall(request)
                answer = _whole(gateway)
                if self.drop_paid_answers and b"payment-signature" in request.lower():
                    return
                client.sendall(answer)


def _whole(gateway: socket.socket) -> bytes:
    """One answer, by its Content-Length."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += gateway.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(lines[b"content-length"]):
        body += gateway.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def lossy(target: int) -> Iterator[Lossy]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Lossy(listener, target)
        threading.Thread(target=proxy.run, daemon=True).start()
        yield proxy
