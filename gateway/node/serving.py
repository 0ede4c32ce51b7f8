"""Serves a node: TLS, HTTP/1.1 and HTTP/2, until a signal; what is under way is finished first."""

import asyncio
import errno
import logging
import signal
import socket
from contextlib import suppress

from granian.constants import HTTPModes, Interfaces
from granian.server.embed import Server

from gateway.node.app import NodeApp
from gateway.node.certificates import Certificate
from gateway.node.config import Listen

DRAINS = 25.0  # seconds for requests under way

REASONS = {
    errno.EADDRINUSE: "another program does already; end it, or say another port with --listen",
    errno.EADDRNOTAVAIL: "this machine has no such address; --listen 0.0.0.0:4443 takes all it has",
}

logger = logging.getLogger(__name__)


class CannotListen(Exception):
    """The node cannot be where it was told to listen."""


def check(listen: Listen) -> None:
    """Whether this machine lets us listen there; raises CannotListen."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        socket.create_server((listen.host, listen.port), family=family).close()
    except PermissionError as error:
        why = "this user may not listen at a port that low; take one above 1023"
        raise CannotListen(f"Nothing can listen at {listen}: {why}, with --listen.") from error
    except OSError as error:
        why = REASONS.get(error.errno or 0, error.strerror or str(error))
        raise CannotListen(f"Nothing can listen at {listen}: {why}.") from error


def serve(app: NodeApp, listen: Listen, certificate: Certificate) -> bool:
    """Until SIGTERM or SIGINT; a second one ends it at once.

    True when it ended by SIGUSR1: to begin anew.
    """
    return asyncio.run(_serve(app, listen, certificate))


async def _serve(app: NodeApp, listen: Listen, certificate: Certificate) -> bool:
    server = Server(
        app,
        listen.host,
        listen.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.auto,
        websockets=False,
        ssl_cert=certificate.certificate,
        ssl_key=certificate.key,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    told_to_end = asyncio.Event()

    def asked_to_stop() -> None:
        if told_to_end.is_set():
            _stop(server)
        told_to_end.set()
        stopping.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, asked_to_stop)
    loop.add_signal_handler(signal.SIGUSR1, stopping.set)
    drain = asyncio.ensure_future(_drain(app, server, stopping))
    try:
        await server.serve()
    finally:
        drain.cancel()
    return not told_to_end.is_set()


async def _drain(app: NodeApp, server: Server, stopping: asyncio.Event) -> None:
    """New requests are turned away, those under way end, then the server does."""
    await stopping.wait()
    app.is_stopping = True
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINS):
            await app.idle()
    _stop(server)


def _stop(server: Server) -> None:
    server.stop()  # type: ignore[no-untyped-call]
