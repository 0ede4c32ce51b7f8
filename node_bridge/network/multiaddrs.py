"""Multiaddrs, as far as HTTP goes: an origin written as IPFS peers write it, and read back.

Format: multiformats multiaddr, human-readable. `https://host` is `/dns/host/tcp/443/tls/http`;
`/https` and a `/p2p/…` at the end are understood, too.
"""

from ipaddress import IPv6Address, ip_address
from urllib.parse import quote, unquote, urlsplit

HOSTS = {"ip4", "ip6", "dns", "dns4", "dns6"}
WEB = {("http",): "http", ("tls", "http"): "https", ("https",): "https"}
LONGEST = 512  # letters
BARE = {"tls", "http", "https", "ws", "wss", "quic", "quic-v1", "webtransport", "webrtc"}
BARE |= {"webrtc-direct", "p2p-circuit", "noise", "utp", "udt"}


class NotHttp(ValueError):
    """The multiaddr, or the URL, names no HTTP origin."""


def of_url(url: str) -> str:
    """The multiaddr of an origin, its path left out; raises NotHttp."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotHttp("This is not the address of an HTTP server.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    tail = "/tls/http" if parts.scheme == "https" else "/http"
    return f"/{_kind(parts.hostname)}/{quote(parts.hostname)}/tcp/{port}{tail}"


def to_url(multiaddr: str) -> str:
    """The origin a multiaddr names, such as `https://host:port`; raises NotHttp."""
    parts = multiaddr.split("/")
    if len(multiaddr) > LONGEST or len(parts) < 5 or parts[0] or parts[1] not in HOSTS:
        raise NotHttp("This multiaddr names no HTTP server.")
    host, tcp, port, web = unquote(parts[2]), parts[3], parts[4], parts[5:]
    if web[-2:-1] == ["p2p"]:
        web = web[:-2]
    scheme = WEB.get(tuple(web))
    is_port = port.isascii() and port.isdigit() and 0 < int(port) < 1 << 16
    if tcp != "tcp" or scheme is None or not is_port:
        raise NotHttp("This multiaddr names no HTTP server.")
    return f"{scheme}://{_host(parts[1], host)}:{int(port)}"


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


def _host(kind: str, host: str) -> str:
    if kind == "ip6":
        try:
            return f"[{IPv6Address(host).compressed}]"
        except ValueError as error:
            raise NotHttp("This multiaddr holds no IPv6 address.") from error
    if kind == "ip4" and _kind(host) != "ip4":
        raise NotHttp("This multiaddr holds no IPv4 address.")
    if not host or not host.isascii() or not all(x.isalnum() or x in ".-_" for x in host):
        raise NotHttp("This multiaddr holds no host name.")
    return host.lower()
