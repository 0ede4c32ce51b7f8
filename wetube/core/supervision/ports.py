"""Choosing the ports of the site and the gateway, for people, and of the chain, for programs."""

import errno
import socket

SITE_PORT = 8000
GATEWAY_PORT = 8001
TRIES = 50


class PortTaken(Exception):
    """A port that was asked for is in use; the message says which and what to do."""


def choose_ports(host: str, *, site: int | None, gateway: int | None) -> tuple[int, int]:
    """The ports asked for, or the first free ones from 8000 and 8001 on where none was.

    Raises PortTaken for one that was asked for and is in use.
    """
    chosen_site = _asked_for(host, site) if site else _next_free(host, SITE_PORT, taken={gateway})
    if gateway:
        return chosen_site, _asked_for(host, gateway)
    return chosen_site, _next_free(host, max(GATEWAY_PORT, chosen_site + 1), taken={chosen_site})


def choose_chain_port() -> int:
    """A free one on loopback, the system's choice: programs alone ask there, and two sites that
    start at once must not want the same."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as refusal:
            if refusal.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def _asked_for(host: str, port: int) -> int:
    if not is_free(host, port):
        raise PortTaken(
            f"Port {port} on {host} is taken by another program (or not allowed to you). "
            "Stop that one, or choose another with --port and --gateway-port."
        )
    return port


def _next_free(host: str, first: int, *, taken: set[int | None]) -> int:
    for port in range(first, first + TRIES):
        if port not in taken and is_free(host, port):
            return port
    raise PortTaken(
        f"Ports {first} to {first + TRIES - 1} on {host} are all taken. Choose others with "
        "--port and --gateway-port."
    )
