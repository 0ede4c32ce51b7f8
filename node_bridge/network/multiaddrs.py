"""Multiaddrs as routers tell them: an HTTP origin's, and the protocols that stand in any one.

Format: multiformats multiaddr, human-readable. What may be called by one is addresses.py's to say.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

# Protocols without a value behind them; every other name is followed by one.
BARE = {"tls", "http", "https", "ws", "wss", "quic", "quic-v1", "webtransport", "webrtc"}
BARE |= {"webrtc-direct", "p2p-circuit", "noise", "utp", "udt"}


class NotHttp(ValueError):
    """The URL is no HTTP server's."""


def of_url(url: str) -> str:
    """The multiaddr of an origin, its path left out; raises NotHttp."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise NotHttp(f"This is not a URL: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotHttp("This is not the address of an HTTP server.")
    tail = "/tls/http" if parts.scheme == "https" else "/http"
    return f"/{_kind(parts.hostname)}/{parts.hostname}/tcp/{port}{tail}"


def protocols(multiaddr: str) -> frozenset[str]:
    """The names of the protocols in a multiaddr, in lower case."""
    names, parts = set(), iter(multiaddr.lower().split("/")[1:])
    for name in parts:
        names.add(name)
        if name not in BARE:
            next(parts, "")
    return frozenset(names)


def _kind(host: str) -> str:
    try:
        return f"ip{ip_address(host).version}"
    except ValueError:
        return "dns"
